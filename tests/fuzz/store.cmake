# SPDX-License-Identifier: GPL-3.0-or-later
scrit_fuzzer(fuzz_filter SOURCES fuzz_filter.cpp LINK scrit_store)
