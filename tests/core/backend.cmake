# SPDX-License-Identifier: GPL-3.0-or-later
scrit_test(test_backend_openai SOURCES backend_openai_test.cpp
  LINK scrit_backend scrit_test_support nlohmann_json::nlohmann_json)
