# SPDX-License-Identifier: GPL-3.0-or-later
scrit_test(test_review_figures SOURCES review_figures_test.cpp LINK scrit_eval)
scrit_test(test_review_session SOURCES review_session_test.cpp review_support.h LINK scrit_review)
scrit_test(test_review_plan SOURCES review_plan_test.cpp review_support.h LINK scrit_review)
scrit_test(test_review_pack SOURCES review_pack_test.cpp review_support.h LINK scrit_review SQLiteCpp)
scrit_test(test_review_report SOURCES review_report_test.cpp review_support.h LINK scrit_review)
scrit_test(test_review_repair SOURCES review_repair_test.cpp review_support.h LINK scrit_loop)
scrit_test(test_review_cli SOURCES review_cli_test.cpp review_support.h LINK scrit_review SQLiteCpp)
add_dependencies(test_review_cli scrit_cli)
