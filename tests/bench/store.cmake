# SPDX-License-Identifier: GPL-3.0-or-later
scrit_program(scrit_make_workspace make_workspace
  SOURCES make_workspace.cpp synthetic.cpp
  LINK scrit_store)
scrit_program(scrit_bench_store bench_store
  SOURCES bench_store.cpp synthetic.cpp
  LINK scrit_store SQLiteCpp)
scrit_program(scrit_bench_import bench_import
  SOURCES bench_import.cpp synthetic.cpp
  LINK scrit_loop SQLiteCpp SQLite::SQLite3 nlohmann_json::nlohmann_json)
scrit_program(scrit_bench_runs bench_runs
  SOURCES bench_runs.cpp synthetic.cpp
  LINK scrit_store SQLiteCpp)
scrit_program(scrit_bench_export bench_export
  SOURCES bench_export.cpp bench_support.cpp
  LINK scrit_loop SQLiteCpp SQLite::SQLite3)
scrit_program(scrit_bench_evaluate bench_evaluate
  SOURCES bench_evaluate.cpp bench_support.cpp
  LINK scrit_loop SQLiteCpp SQLite::SQLite3)
