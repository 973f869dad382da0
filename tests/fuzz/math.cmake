# SPDX-License-Identifier: GPL-3.0-or-later
scrit_fuzzer(fuzz_math SOURCES fuzz_math.cpp LINK scrit_math)
