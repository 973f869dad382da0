# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_store)
scrit_test(test_store_workspace SOURCES store_workspace_test.cpp LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_lineage SOURCES store_lineage_test.cpp LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_derived SOURCES store_derived_test.cpp LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_filter SOURCES store_filter_test.cpp ../fuzz/fuzz_filter.cpp
  LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_stream SOURCES store_stream_test.cpp LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_runs SOURCES store_runs_test.cpp LINK scrit_store LABELS core)
scrit_test(test_store_completions SOURCES store_completions_test.cpp LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_rounds SOURCES store_rounds_test.cpp LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_round_charts SOURCES store_round_charts_test.cpp LINK scrit_store SQLiteCpp LABELS core)
scrit_test(test_store_evaluation SOURCES store_evaluation_test.cpp LINK scrit_store SQLiteCpp LABELS core)
