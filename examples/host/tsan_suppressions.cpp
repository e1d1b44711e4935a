// For builds with ThreadSanitizer only: Debian's cpp-httplib is a library that it cannot see into,
// so that the locks in there look to it as if they were not.
extern "C" const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)

const char* __tsan_default_suppressions() { return "called_from_lib:libcpp-httplib.so\n"; }
