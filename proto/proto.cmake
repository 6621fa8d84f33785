# SPDX-License-Identifier: Apache-2.0
# proto/*.proto -> C structs (lia_proto) and one descriptor set for schemagen.
file(GLOB LIA_PROTO_FILES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/proto/*.proto")
find_path(PROTOBUF_INCLUDE google/protobuf/descriptor.proto REQUIRED)
find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_C protoc-c REQUIRED)

set(LIA_PROTO_PATHS -I "${CMAKE_SOURCE_DIR}" -I "${PROTOBUF_INCLUDE}")
set(LIA_PROTO_NAMES google/protobuf/descriptor)
foreach(file ${LIA_PROTO_FILES})
  get_filename_component(name "${file}" NAME_WE)
  list(APPEND LIA_PROTO_NAMES proto/${name})
endforeach()
set(LIA_PROTO_SOURCES "")
set(LIA_PROTO_HEADERS "")
set(LIA_PROTO_INPUTS "")
foreach(name ${LIA_PROTO_NAMES})
  list(APPEND LIA_PROTO_SOURCES "${CMAKE_BINARY_DIR}/${name}.pb-c.c")
  list(APPEND LIA_PROTO_HEADERS "${CMAKE_BINARY_DIR}/${name}.pb-c.h")
  list(APPEND LIA_PROTO_INPUTS "${name}.proto")
endforeach()

set(LIA_DESCRIPTORS "${CMAKE_BINARY_DIR}/proto/descriptors.bin")
add_custom_command(
  OUTPUT ${LIA_PROTO_SOURCES} ${LIA_PROTO_HEADERS} "${LIA_DESCRIPTORS}"
  COMMAND "${PROTOC_C}" ${LIA_PROTO_PATHS} --c_out=${CMAKE_BINARY_DIR} ${LIA_PROTO_INPUTS}
  COMMAND "${PROTOC}" ${LIA_PROTO_PATHS} --include_imports --include_source_info
          --descriptor_set_out=${LIA_DESCRIPTORS} ${LIA_PROTO_INPUTS}
  DEPENDS ${LIA_PROTO_FILES}
  COMMENT "Generating C from proto/")

add_library(lia_proto STATIC ${LIA_PROTO_SOURCES})
target_link_libraries(lia_proto PUBLIC PkgConfig::PROTOBUFC)
target_include_directories(lia_proto PUBLIC "${CMAKE_BINARY_DIR}")
if(LIA_SANITIZE)
  target_compile_options(lia_proto PRIVATE -fsanitize=${LIA_SANITIZE})
endif()
