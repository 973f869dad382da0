# SPDX-License-Identifier: GPL-3.0-or-later
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
