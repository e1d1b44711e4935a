# The programs that a project makes which has the library, by whatever way, and their tests.
enable_testing()

# chatbot_consumer(NAME SOURCE TARGET)
function(chatbot_consumer NAME SOURCE TARGET)
  add_executable(${NAME} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${SOURCE})
  target_link_libraries(${NAME} PRIVATE ${TARGET})
  add_test(NAME ${NAME} COMMAND ${NAME})
endfunction()

chatbot_consumer(c_shared capi.c chatbot::capi)
chatbot_consumer(c_static capi.c chatbot::capi_static)
chatbot_consumer(cpp_shared capi_from_cpp.cpp chatbot::capi)
chatbot_consumer(cpp_static cpp.cpp chatbot::chatbot)

# A host's own shared library, such as an extension of an interpreter, takes the static one in.
add_library(plugin MODULE ${CMAKE_CURRENT_LIST_DIR}/cpp.cpp)
target_link_libraries(plugin PRIVATE chatbot::chatbot)
target_link_options(plugin PRIVATE -Wl,-z,defs)
