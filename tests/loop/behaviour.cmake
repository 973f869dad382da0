# SPDX-License-Identifier: GPL-3.0-or-later
# Runs against the behaviour server of tests/support.
add_library(scrit_world_support STATIC world_support.cpp world_support.h)
target_link_libraries(scrit_world_support PUBLIC scrit_run_support scrit_test_support)
scrit_test(test_run_faults SOURCES run_faults_test.cpp LINK scrit_world_support)
scrit_test(test_evaluation_cli SOURCES evaluation_cli_test.cpp cli_support.h LINK scrit_world_support)
add_dependencies(test_evaluation_cli scrit_cli)
foreach(part funnel kill secrets)
  scrit_test(test_run_${part} SOURCES run_${part}_test.cpp cli_support.h LINK scrit_world_support)
  add_dependencies(test_run_${part} scrit_cli)
endforeach()
scrit_test(test_evolution_cli SOURCES evolution_cli_test.cpp cli_support.h LINK scrit_world_support)
add_dependencies(test_evolution_cli scrit_cli)
