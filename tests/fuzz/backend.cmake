# SPDX-License-Identifier: GPL-3.0-or-later
scrit_fuzzer(fuzz_gguf SOURCES fuzz_gguf.cpp LINK scrit_backend)
