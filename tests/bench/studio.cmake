# SPDX-License-Identifier: GPL-3.0-or-later
scrit_program(bench_studio bench_studio QT
  SOURCES bench_studio.cpp
  LINK scrit_studio_window scrit_loop)

scrit_program(bench_review bench_review QT
  SOURCES bench_review.cpp
  LINK scrit_studio_window scrit_loop)
