# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_backend)
scrit_test(test_backend_openai SOURCES backend_openai_test.cpp
  LINK scrit_backend scrit_test_support nlohmann_json::nlohmann_json)
scrit_test(test_backend_managed_server SOURCES backend_managed_server_test.cpp
  LINK scrit_backend scrit_test_support)
add_dependencies(tests_backend scrit_fake_llama_server)
scrit_test(test_backend_llama_server SOURCES backend_llama_server_test.cpp
  LINK scrit_backend scrit_test_support)
scrit_test(test_backend_chat_piece SOURCES backend_chat_piece_test.cpp
  LINK scrit_backend nlohmann_json::nlohmann_json)
scrit_test(test_backend_settings SOURCES backend_settings_test.cpp LINK scrit_backend)
scrit_test(test_backend_plan SOURCES backend_plan_test.cpp ../fuzz/fuzz_gguf.cpp
  LINK scrit_backend scrit_test_support)
scrit_test(test_backend_models SOURCES backend_models_test.cpp LINK scrit_backend scrit_test_support)
add_dependencies(tests_backend scrit_fake_llama_server)
scrit_test(test_backend_builtin SOURCES backend_builtin_test.cpp LINK scrit_backend scrit_critique scrit_mini)
