# SPDX-License-Identifier: GPL-3.0-or-later
scrit_fuzzer(fuzz_safetensors SOURCES fuzz_safetensors.cpp LINK scrit_mini)
