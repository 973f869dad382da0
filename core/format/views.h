// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/exporter.h"

#include <optional>
#include <string>

// The views behind the table in exporter.cpp, and what they share.
namespace scrit::format {

[[nodiscard]] const View& openaiChatView();
[[nodiscard]] const View& sharegptView();
[[nodiscard]] const View& alpacaView();
[[nodiscard]] const View& trlPromptCompletionView();
[[nodiscard]] const View& dpoView();
[[nodiscard]] const View& jsonlFullView();
[[nodiscard]] const View& prmView();
[[nodiscard]] const View& processbenchView();
[[nodiscard]] const View& csvView();

// The problem as a model reads it: options that the text does not show yet follow as "(A) …" lines.
[[nodiscard]] std::string problemForReader(const model::Problem& problem);

// Why the critique has no complete training target (a name of critique::problem), or nothing.
[[nodiscard]] std::optional<std::string> targetGap(const model::Critique& critique);

// What a critic wrote, without its analysis of the reference, and the correction that was delivered
// apart: the target of views that hold the whole text.
[[nodiscard]] std::string textOutsideAnalysis(const model::Critique& critique);

// The outcome of the newest verdict (the largest id; of equal ones the first) of that verifier
// about that kind of subject; nothing where none is.
[[nodiscard]] std::optional<model::Outcome> outcomeOf(const ExportItem& item,
                                                      model::SubjectKind subject,
                                                      std::string_view verifier,
                                                      std::string_view protocolPrefix = {});

} // namespace scrit::format
