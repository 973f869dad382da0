# SPDX-License-Identifier: GPL-3.0-or-later
scrit_program(scrit_make_workspace make_workspace
  SOURCES make_workspace.cpp synthetic.cpp
  LINK scrit_store)
scrit_program(scrit_bench_store bench_store
  SOURCES bench_store.cpp synthetic.cpp
  LINK scrit_store SQLiteCpp)
