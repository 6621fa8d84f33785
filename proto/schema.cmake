# SPDX-License-Identifier: Apache-2.0
# The descriptor set -> C tables (lia_schema_tables) and the schemas of the OpenAPI document.
set(LIA_SCHEMA_TABLES "${CMAKE_BINARY_DIR}/schema/schema_tables.c")
set(LIA_SCHEMA_OPENAPI "${CMAKE_BINARY_DIR}/schema/openapi_schemas.json")
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/schema")
add_custom_command(
  OUTPUT "${LIA_SCHEMA_TABLES}" "${LIA_SCHEMA_OPENAPI}"
  COMMAND schemagen "${LIA_DESCRIPTORS}" "${LIA_SCHEMA_TABLES}" "${LIA_SCHEMA_OPENAPI}"
  DEPENDS schemagen "${LIA_DESCRIPTORS}"
  COMMENT "Generating the schema tables")

add_library(lia_schema_tables STATIC "${LIA_SCHEMA_TABLES}")
target_link_libraries(lia_schema_tables PUBLIC lia_flags lia_proto)
