# What every target of this project is built with.
function(chatbot_target TARGET)
  target_compile_features(${TARGET} PRIVATE cxx_std_20)
  set_target_properties(
    ${TARGET}
    PROPERTIES CXX_EXTENSIONS OFF
               C_EXTENSIONS OFF
               CXX_VISIBILITY_PRESET hidden
               C_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               POSITION_INDEPENDENT_CODE ON
               # Each file has an anonymous namespace of its own, also where a parent project joins files.
               UNITY_BUILD OFF)
  if(CHATBOT_WARNINGS)
    target_compile_options(${TARGET} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                             -Wmissing-declarations -Werror)
    # GCC 12 sees overlaps and unset members in std::string and std::variant that are not there.
    target_compile_options(
      ${TARGET} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-maybe-uninitialized>)
  endif()
  if(CHATBOT_FUZZERS)
    target_compile_options(${TARGET} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(CHATBOT_SANITIZE)
    target_compile_options(${TARGET} PRIVATE -fsanitize=${CHATBOT_SANITIZE}
                                             -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${TARGET} PRIVATE -fsanitize=${CHATBOT_SANITIZE})
    # The part of a sanitizer's runtime that C++ needs comes with the linker's language, and a C
    # program that is linked to the C library needs it too.
    set_target_properties(${TARGET} PROPERTIES LINKER_LANGUAGE CXX)
  endif()
endfunction()
