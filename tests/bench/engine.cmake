# SPDX-License-Identifier: GPL-3.0-or-later
scrit_program(scrit_bench_backend bench_backend
  SOURCES bench_backend.cpp bench_support.cpp
  LINK scrit_backend scrit_test_support)
scrit_program(scrit_bench_engine bench_engine
  SOURCES bench_engine.cpp bench_support.cpp
  LINK scrit_loop scrit_test_support SQLiteCpp)
target_compile_definitions(scrit_bench_engine PRIVATE SCRIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_dependencies(scrit_bench_backend scrit_behaviour_server)
add_dependencies(scrit_bench_engine scrit_behaviour_server)
