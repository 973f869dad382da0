# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_backend)
scrit_test(test_net_http SOURCES net_http_test.cpp LINK scrit_net scrit_test_support)
scrit_test(test_net_streams SOURCES net_streams_test.cpp LINK scrit_net)
