# SPDX-License-Identifier: GPL-3.0-or-later
scrit_test(test_report SOURCES report_test.cpp LINK scrit_report)
