/* The web page. */
#pragma once

#include <stddef.h>

extern const unsigned char kPage[];
extern const size_t kPageSize;
