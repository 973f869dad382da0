# SPDX-License-Identifier: GPL-3.0-or-later
# Precompiled headers and unity builds: the standard library, JSON, CLI11 and Qt are most of what a file of this
# project costs to compile. Each kind of target has one set of precompiled headers, made once and shared.
#
# SCRIT_UNITY_BUILD compiles the files of a target together, eight at a time (the command line eighteen), which
# halves the processor time of a whole build; where one file is changed and compiled again and again, it is off.
# Names in unnamed namespaces are then shared by the files of a target.
#
# The presets headless and fuzz use neither, so that each file is compiled on its own somewhere: one that forgot
# an include fails there.
option(SCRIT_PRECOMPILED_HEADERS "Compile the headers that all files use once" ON)
option(SCRIT_UNITY_BUILD "Compile the files of a target together" OFF)
set(CMAKE_UNITY_BUILD ${SCRIT_UNITY_BUILD})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)

set(SCRIT_PCH_core
  <algorithm> <array> <atomic> <chrono> <cstdint> <cstring> <filesystem> <functional> <map> <memory> <mutex>
  <optional> <set> <span> <sstream> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
  <tl/expected.hpp> <nlohmann/json.hpp>)
set(SCRIT_PCH_cli ${SCRIT_PCH_core} <CLI/CLI.hpp>)
set(SCRIT_PCH_gui ${SCRIT_PCH_core} <QAbstractItemModel> <QPainter> <QTimer>)
set(SCRIT_PCH_widgets ${SCRIT_PCH_gui} <QWidget> <QLabel> <QBoxLayout>)
set(SCRIT_PCH_test ${SCRIT_PCH_core} <QTest> <QTemporaryDir> <QProcess>)
set(SCRIT_PCH_uitest ${SCRIT_PCH_widgets} <QTest> <QTemporaryDir> <QSignalSpy>)

# scrit_use_precompiled(TARGET KIND): KIND is core, gui, widgets (libraries), cli, test or uitest (programs).
# The first target of a kind makes its headers' owner: a target of the same type (library or program) with the
# same options, which compilers ask for before they take precompiled headers.
function(scrit_use_precompiled target kind)
  if(NOT SCRIT_PRECOMPILED_HEADERS)
    return()
  endif()
  set(owner scrit_pch_${kind})
  if(kind MATCHES "test$") # Qt Test tells each test its folder in a macro
    string(MAKE_C_IDENTIFIER "${CMAKE_CURRENT_SOURCE_DIR}" folder)
    string(REGEX REPLACE ".*_tests_" "" folder "${folder}")
    string(APPEND owner _${folder})
  endif()
  if(NOT TARGET ${owner})
    set(source "${PROJECT_BINARY_DIR}/generated/pch/${owner}.cpp")
    if(kind MATCHES "^(cli|test|uitest)$")
      file(CONFIGURE OUTPUT "${source}" CONTENT "int main() { return 0; }\n")
      add_executable(${owner} EXCLUDE_FROM_ALL "${source}")
    else()
      file(CONFIGURE OUTPUT "${source}" CONTENT "// The owner of the precompiled headers.\n")
      add_library(${owner} STATIC EXCLUDE_FROM_ALL "${source}")
    endif()
    target_link_libraries(${owner} PRIVATE tl::expected nlohmann_json::nlohmann_json)
    if(kind STREQUAL "widgets")
      target_link_libraries(${owner} PRIVATE scrit_common_qt Qt6::Widgets)
    elseif(kind STREQUAL "gui")
      target_link_libraries(${owner} PRIVATE scrit_common_qt Qt6::Gui)
    elseif(kind STREQUAL "uitest")
      target_link_libraries(${owner} PRIVATE scrit_common_qt Qt6::Widgets Qt6::Test)
    elseif(kind STREQUAL "test")
      target_link_libraries(${owner} PRIVATE scrit_common Qt6::Test)
      target_compile_definitions(${owner} PRIVATE QT_NO_KEYWORDS)
    else()
      target_link_libraries(${owner} PRIVATE scrit_common)
    endif()
    if(kind MATCHES "test$")
      target_compile_options(${owner} PRIVATE -O0) # as scrit_test
    endif()
    target_precompile_headers(${owner} PRIVATE ${SCRIT_PCH_${kind}})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()
