# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_format)
scrit_test(test_format_line_reader
  SOURCES format_line_reader_test.cpp
  LINK scrit_format PkgConfig::ZSTD ZLIB::ZLIB)
scrit_test(test_format_importer SOURCES format_importer_test.cpp LINK scrit_format)
scrit_test(test_format_critiques SOURCES format_critiques_test.cpp LINK scrit_format)
scrit_test(test_format_exporter
  SOURCES format_exporter_test.cpp
  LINK scrit_format nlohmann_json::nlohmann_json)
scrit_test(test_format_shared_data SOURCES format_shared_data_test.cpp LINK scrit_format)
scrit_test(test_format_replay
  SOURCES format_replay_test.cpp ../fuzz/fuzz_format.cpp
  LINK scrit_format)
scrit_test(test_format_export_views
  SOURCES format_export_views_test.cpp
  LINK scrit_format nlohmann_json::nlohmann_json)
# A module, not a library: it is opened at run time.
add_library(scrit_fake_duckdb MODULE ../support/fake_duckdb.cpp)
target_link_libraries(scrit_fake_duckdb PRIVATE scrit_common)
scrit_test(test_format_export_parquet
  SOURCES format_export_parquet_test.cpp
  LINK scrit_format nlohmann_json::nlohmann_json)
add_dependencies(tests_format scrit_fake_duckdb)
target_compile_definitions(tests_format PRIVATE
  SCRIT_FAKE_DUCKDB="$<TARGET_FILE:scrit_fake_duckdb>")
