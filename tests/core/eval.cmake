# SPDX-License-Identifier: GPL-3.0-or-later
scrit_test(test_eval_metrics SOURCES eval_metrics_test.cpp LINK scrit_eval)
