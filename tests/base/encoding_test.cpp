#include "base/encoding.h"

#include <doctest/doctest.h>

using namespace chatbot::base;

TEST_CASE("each byte is two hexadecimal digits") {
  CHECK(toHex(std::string_view("\0a\xFF", 3)) == "0061ff");
  CHECK(toHex("").empty());
}

// The examples of RFC 4648, section 10.
TEST_CASE("base64 has padding, that of URLs has none") {
  CHECK(toBase64("").empty());
  CHECK(toBase64("f") == "Zg==");
  CHECK(toBase64("foob") == "Zm9vYg==");
  CHECK(toBase64("foobar") == "Zm9vYmFy");
  CHECK(toBase64("\xFB\xFF") == "+/8=");
  CHECK(toBase64Url("\xFB\xFF") == "-_8");
}

TEST_CASE("base64 of URLs is read back, and no other text is") {
  for (const char* const bytes : {"f", "fo", "foo", "foobar", "\xFB\xFF"}) {
    CHECK(fromBase64Url(toBase64Url(bytes)) == bytes);
  }
  for (const char* const bad : {"", "A", "Zg==", "+/8", "Zh", "Z g", "Zm9v\n"}) {
    CAPTURE(bad);
    CHECK(fromBase64Url(bad).empty());
  }
}

TEST_CASE("percent-encoding is undone where it is whole") {
  CHECK(percentDecoded("a%2Fb%2fc") == "a/b/c");
  CHECK(percentDecoded("100%, %4, %zz") == "100%, %4, %zz");
  CHECK(percentDecoded("a+b") == "a+b");
  CHECK(percentDecoded("a+b%2B", ' ') == "a b+");
}

// The examples of FIPS 180-2, appendix B, and of the empty text.
TEST_CASE("known texts have their known digests") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
