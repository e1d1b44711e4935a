# What `cmake --install` gives: headers, libraries, a CMake package and pkg-config files. All of it
# may be moved afterwards. Components: `runtime` is what programs need that run, `development` what
# is needed to build them.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(PACKAGE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/chatbot)

# chatbot_install_export(NAME TARGET...): the targets, as what chatbot-NAME.cmake declares.
function(chatbot_install_export NAME)
  install(
    TARGETS ${ARGN}
    EXPORT chatbot-${NAME}
    ARCHIVE COMPONENT development
    LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
    RUNTIME COMPONENT runtime
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(
    EXPORT chatbot-${NAME}
    NAMESPACE chatbot::
    DESTINATION ${PACKAGE_FOLDER}
    COMPONENT development)
endfunction()

# From the folder of the pkg-config files to the prefix; a folder that is not below the prefix is
# written as it is.
function(chatbot_pkgconfig_file NAME)
  set(PREFIX ${CMAKE_INSTALL_PREFIX})
  if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    file(RELATIVE_PATH PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    set(PREFIX "\${pcfiledir}/${PREFIX}")
    string(REGEX REPLACE "/$" "" PREFIX ${PREFIX})
  endif()
  foreach(FOLDER LIBDIR INCLUDEDIR)
    set(${FOLDER} ${CMAKE_INSTALL_${FOLDER}})
    if(NOT IS_ABSOLUTE ${${FOLDER}})
      set(${FOLDER} "\${prefix}/${${FOLDER}}")
    endif()
  endforeach()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${NAME}.pc.in ${PROJECT_BINARY_DIR}/${NAME}.pc @ONLY)
  install(
    FILES ${PROJECT_BINARY_DIR}/${NAME}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT development)
endfunction()

# What the static libraries need, where they were built.
set(REQUIRED_MODULES fmt libcrypto sqlite3)
if(ICU_FOUND)
  list(APPEND REQUIRED_MODULES icu-uc)
endif()
if(CHATBOT_OPENAI AND CURL_FOUND)
  list(APPEND REQUIRED_MODULES libcurl)
endif()
if(CHATBOT_POSTGRES AND PostgreSQL_FOUND)
  list(APPEND REQUIRED_MODULES libpq)
endif()
list(JOIN REQUIRED_MODULES ", " REQUIRED_MODULES)

install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/include/chatbot
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development)
chatbot_pkgconfig_file(chatbot-cpp)
if(CHATBOT_CAPI)
  install(
    FILES ${PROJECT_SOURCE_DIR}/capi/include/chatbot.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT development)
  chatbot_install_export(capi chatbot_capi)
  chatbot_install_export(static chatbot chatbot_capi_static)
  chatbot_pkgconfig_file(chatbot)
  chatbot_pkgconfig_file(chatbot-static)
else()
  chatbot_install_export(static chatbot)
endif()

configure_file(${PROJECT_SOURCE_DIR}/cmake/chatbot-config.cmake.in
               ${PROJECT_BINARY_DIR}/chatbot-config.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/chatbot-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/chatbot-config.cmake
        ${PROJECT_BINARY_DIR}/chatbot-config-version.cmake
  DESTINATION ${PACKAGE_FOLDER}
  COMPONENT development)
install(
  FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT documentation)
