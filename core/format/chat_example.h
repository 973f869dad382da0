// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/exporter.h"

#include <memory>
#include <string>
#include <string_view>

// What the views for trainers of chat models share: the direct critic's prompt, as the critic will
// get it at inference, and the critique as its answer.
namespace scrit::format {

// The shipped prompt cut at its fields, so that a row costs no template. Immutable.
struct ChatPrompt {
    std::string system;
    std::string beforeProblem; // the user's turn
    std::string betweenThem;
    std::string afterSolution;
    std::string hash; // of the prompt with its fields as they are, for the manifest

    // Read once a process from the resources. Errors: NotFound, Parse; Invalid for a prompt that is
    // not one system and one user section with the problem before the solution.
    [[nodiscard]] static base::Expected<std::shared_ptr<const ChatPrompt>> shipped();
    [[nodiscard]] std::string user(std::string_view problem, std::string_view solution) const;
};

struct ChatExample {
    std::shared_ptr<const ChatPrompt> prompt;
    std::string user;
    std::string target;
};
// Invalid with a name of critique::problem when the critique has no complete target.
[[nodiscard]] base::Expected<ChatExample> chatExample(const ExportItem& item);

// The base of the views that train a chat model on critiques: prompt hashes and turns.
class ChatView : public View {
public:
    [[nodiscard]] base::Expected<std::string> render(const ExportItem& item) const override;
    [[nodiscard]] std::optional<std::string> gap(const ExportItem& item) const override;
    [[nodiscard]] base::Expected<std::vector<Turn>>
    turns(const ExportItem& item, const ExportItem* rejected) const override;
    [[nodiscard]] std::vector<std::string> promptHashes() const override;
    [[nodiscard]] bool rendersTarget() const override { return true; }

protected:
    // Appends one row. Every text is written by way of appendJsonString().
    virtual void write(std::string& row, const ChatExample& example) const = 0;
};

} // namespace scrit::format
