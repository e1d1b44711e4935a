# The target `reference` makes the HTML reference of the public headers, where Doxygen is found.
configure_file(${PROJECT_SOURCE_DIR}/cmake/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)
find_package(Doxygen)
if(DOXYGEN_FOUND)
  add_custom_target(
    reference
    COMMAND Doxygen::doxygen ${PROJECT_BINARY_DIR}/Doxyfile
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
    VERBATIM)
endif()
