# SPDX-License-Identifier: GPL-3.0-or-later
scrit_fuzzer(fuzz_format SOURCES fuzz_format.cpp LINK scrit_format)
