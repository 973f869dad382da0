# SPDX-License-Identifier: GPL-3.0-or-later
# One INTERFACE target carries language level, warnings and strict defines for the whole project, and
# three functions declare everything that is built: scrit_library, scrit_program and scrit_test.

include(ScritPrecompiled)
set(SCRIT_SANITIZER_ENVIRONMENT
  "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp:print_suppressions=0"
  "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp:die_after_fork=0")

add_library(scrit_common INTERFACE)
target_compile_features(scrit_common INTERFACE cxx_std_20)
target_include_directories(scrit_common INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
target_compile_options(scrit_common INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -fstack-protector-strong)
if(SCRIT_WARNINGS_AS_ERRORS)
  # GCC 12's optimiser takes std::optional, std::complex and "literal" + string for uninitialised or overlapping
  # where they are not (GCC bugs 80635, 105651): those stay warnings.
  target_compile_options(scrit_common INTERFACE -Werror
    $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized> $<$<CXX_COMPILER_ID:GNU>:-Wno-error=restrict>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-error=array-bounds>)
endif()
if(SCRIT_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A private class of one .cpp with members of types without a name outside: right, and taken for a header's here.
  target_compile_options(scrit_common INTERFACE -Wno-subobject-linkage)
endif()
if(SCRIT_SANITIZE)
  target_compile_options(scrit_common INTERFACE -fsanitize=${SCRIT_SANITIZE} -fno-omit-frame-pointer
                                                -fno-sanitize-recover=all)
  target_link_options(scrit_common INTERFACE -fsanitize=${SCRIT_SANITIZE})
endif()
if(SCRIT_BUILD_FUZZERS)
  # Coverage of the libraries guides libFuzzer; only the harnesses bring its main().
  target_compile_options(scrit_common INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
find_program(SCRIT_CCACHE ccache)
if(SCRIT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are told by what is in them, not by when they were made.
  set(sloppiness pch_defines,time_macros,include_file_mtime,include_file_ctime)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=${sloppiness} "${SCRIT_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${SCRIT_CCACHE}")
endif()

# Ui and app code may not convert between char* and QString by accident.
add_library(scrit_common_qt INTERFACE)
target_link_libraries(scrit_common_qt INTERFACE scrit_common)
target_compile_definitions(scrit_common_qt INTERFACE
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_USE_QSTRINGBUILDER
  QT_NO_KEYWORDS QT_NO_FOREACH)

# scrit_library(NAME SOURCES … [LINK …] [PRIVATE_LINK …] [QT])
# A static library of one folder. Libraries of ui/ say QT.
function(scrit_library name)
  cmake_parse_arguments(ARG "QT" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  if(ARG_QT)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    target_link_libraries(${name} PUBLIC scrit_common_qt)
    if("${ARG_LINK}" MATCHES "Qt6::Widgets|scrit_ui_(widgets|pages)")
      scrit_use_precompiled(${name} widgets)
    else()
      scrit_use_precompiled(${name} gui)
    endif()
  else()
    target_link_libraries(${name} PUBLIC scrit_common)
    scrit_use_precompiled(${name} core)
  endif()
endfunction()

# scrit_program(NAME OUTPUT SOURCES … LINK … [QT])
function(scrit_program name output)
  cmake_parse_arguments(ARG "QT" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${output}
                                           RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  if(ARG_QT)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    target_link_libraries(${name} PRIVATE scrit_common_qt ${ARG_LINK})
  else()
    target_link_libraries(${name} PRIVATE scrit_common ${ARG_LINK})
  endif()
endfunction()

# scrit_test(NAME SOURCES … LINK … [TIMEOUT seconds] [LABELS …])
# One test and its ctest entry; runs offscreen, never touches the user's own folders. Its first source registers it
# (tests/support/test_program.h) in the program that SCRIT_TEST_PROGRAM names; what it links, the program links.
function(scrit_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT TARGET ${SCRIT_TEST_PROGRAM})
    scrit_test_program(${SCRIT_TEST_PROGRAM} "${ARG_LINK}")
  endif()
  target_sources(${SCRIT_TEST_PROGRAM} PRIVATE ${ARG_SOURCES})
  target_link_libraries(${SCRIT_TEST_PROGRAM} PRIVATE ${ARG_LINK})
  list(GET ARG_SOURCES 0 first)
  get_filename_component(registered "${first}" NAME_WE)
  add_test(NAME ${name} COMMAND ${SCRIT_TEST_PROGRAM} ${registered})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if("${SCRIT_SANITIZE}" MATCHES "thread") # about ten times slower
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 6")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    SKIP_REGULAR_EXPRESSION "^SKIPPED ALL"
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;XDG_CACHE_HOME=${PROJECT_BINARY_DIR}/test-cache;XDG_CONFIG_HOME=${PROJECT_BINARY_DIR}/test-config;XDG_DATA_HOME=${PROJECT_BINARY_DIR}/test-data;SCRIT_RESOURCES=${PROJECT_SOURCE_DIR}/resources;QTEST_FUNCTION_TIMEOUT=${ARG_TIMEOUT}000;LC_ALL=C.UTF-8;${SCRIT_SANITIZER_ENVIRONMENT}")
endfunction()

# The program of several tests; links tells which precompiled headers it takes.
function(scrit_test_program name links)
  add_executable(${name} "${PROJECT_SOURCE_DIR}/tests/support/test_program.cpp")
  set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests-bin")
  target_link_libraries(${name} PRIVATE scrit_common Qt6::Test)
  target_compile_options(${name} PRIVATE -O0) # what is tested is in the libraries
  if("${links}" MATCHES "scrit_(ui|studio|common_qt)")
    scrit_use_precompiled(${name} uitest)
  else()
    scrit_use_precompiled(${name} test)
  endif()
  target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS # members are called slots, as the field calls them
    SCRIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SCRIT_BINARY_DIR="${PROJECT_BINARY_DIR}"
    SCRIT_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
endfunction()
