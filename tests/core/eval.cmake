# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_eval)
scrit_test(test_eval_metrics SOURCES eval_metrics_test.cpp LINK scrit_eval)
