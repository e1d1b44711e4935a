// The web page, page.html, as a text in the program.
#pragma once

#include <string_view>

namespace host {

extern const std::string_view kPage;

}  // namespace host
