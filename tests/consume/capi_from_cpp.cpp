#include "capi.c"
