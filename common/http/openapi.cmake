# SPDX-License-Identifier: Apache-2.0
# openapi.json -> openapi_parts.h: its members as C strings, for api_openapi.c to put between what the
# tables know. Run as a script: cmake -D IN=openapi.json -D OUT=openapi_parts.h -P openapi.cmake
file(READ "${IN}" document)

# The text of one member as the bytes of a C string. INSIDE drops the outer brackets, so that others can
# stand beside its members.
function(put_member name inside)
  string(JSON text ERROR_VARIABLE error GET "${document}" ${ARGN})
  if(error)
    list(JOIN ARGN "." path)
    message(FATAL_ERROR "${IN}: ${path}: ${error}")
  endif()
  string(REGEX REPLACE "\n *" "" text "${text}")
  if(inside)
    string(REGEX REPLACE "^[[{](.*)[]}]$" "\\1" text "${text}")
  endif()
  string(HEX "${text}" bytes)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  file(APPEND "${OUT}" "static const char lia_openapi_${name}[] = {${bytes}0};\n")
endfunction()

file(WRITE "${OUT}" "/* Made by openapi.cmake from openapi.json. */\n")
# The title and the version are the node's.
string(JSON document REMOVE "${document}" info title)
string(JSON document REMOVE "${document}" info version)
put_member(info TRUE info)
put_member(security FALSE security)
put_member(tags TRUE tags)
put_member(paths TRUE paths)
put_member(parameters FALSE components parameters)
put_member(responses FALSE components responses)
put_member(security_schemes FALSE components securitySchemes)
put_member(schemas TRUE components schemas)
