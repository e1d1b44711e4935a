# What `cpack -G DEB` makes: a package of what programs need that run, and one of what is needed to
# build them. For a build with -DCMAKE_INSTALL_PREFIX=/usr: Debian's folders depend on it.
set(RUNTIME_PACKAGE libchatbot${CHATBOT_SOVERSION})
set(DEVELOPMENT_PACKAGE libchatbot-dev)

# A package that Debian's tools have made has its licence in a folder of its own.
foreach(COMPONENT RUNTIME DEVELOPMENT)
  string(TOLOWER ${COMPONENT} COMPONENT_NAME)
  install(
    FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${${COMPONENT}_PACKAGE}
    RENAME copyright
    COMPONENT ${COMPONENT_NAME} EXCLUDE_FROM_ALL)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME ${${COMPONENT}_PACKAGE})
endforeach()

set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "The chatbot maintainers <maintainers@chatbot.invalid>")
set(CPACK_PACKAGE_VENDOR chatbot)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "${PROJECT_DESCRIPTION}: shared library")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)

# The static libraries need what the shared one was linked to, from its development packages.
set(DEPENDENCIES "${RUNTIME_PACKAGE} (= ${PROJECT_VERSION})" libfmt-dev libsqlite3-dev libssl-dev)
if(ICU_FOUND)
  list(APPEND DEPENDENCIES libicu-dev)
endif()
if(CHATBOT_OPENAI AND CURL_FOUND)
  list(APPEND DEPENDENCIES "libcurl4-openssl-dev | libcurl4-gnutls-dev")
endif()
if(CHATBOT_POSTGRES AND PostgreSQL_FOUND)
  list(APPEND DEPENDENCIES libpq-dev)
endif()
list(JOIN DEPENDENCIES ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${PROJECT_DESCRIPTION}: headers and static libraries")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)

include(CPack)
