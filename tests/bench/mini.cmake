# SPDX-License-Identifier: GPL-3.0-or-later
scrit_program(scrit_bench_mini bench_mini
  SOURCES bench_mini.cpp
  LINK scrit_mini)
