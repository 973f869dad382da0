# SPDX-License-Identifier: GPL-3.0-or-later
# The program itself, run as a user would.
set(SCRIT_TEST_PROGRAM tests_cli)
foreach(part pipe usage workspace bad_input messages round_trip shared_data)
  scrit_test(test_cli_${part} SOURCES cli_${part}_test.cpp cli_support.h LINK scrit_store SQLiteCpp)
endforeach()
scrit_test(test_cli_model SOURCES cli_model_test.cpp LINK scrit_test_support)
scrit_test(test_cli_slurm SOURCES cli_slurm_test.cpp LINK scrit_test_support)
scrit_test(test_cli_train SOURCES cli_train_test.cpp LINK scrit_base)
scrit_test(test_export_kill SOURCES export_kill_test.cpp LINK scrit_base)
scrit_test(test_run_llama_server SOURCES run_llama_server_test.cpp LINK scrit_test_support)
# Against the behaviour server of tests/support.
foreach(part run_funnel run_kill run_secrets evaluation_cli evolution_cli)
  scrit_test(test_${part} SOURCES ${part}_test.cpp LINK scrit_world_support)
endforeach()
add_dependencies(tests_cli scrit_cli scrit_fake_llama_server scrit_slurm_cluster)
