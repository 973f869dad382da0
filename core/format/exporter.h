// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/lineage.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Model values → rows of training and exchange files. A view is one shape of row; each lives in a
// file of its own (view_*.cpp) and in one line of the table in exporter.cpp.
namespace scrit::format {

// Everything one row can be made of: one critique with its lineage.
struct ExportItem {
    model::Problem problem;
    model::Solution solution;
    model::Critique critique;
    std::optional<model::Solution> reference; // the solution that a contrastive critic was shown
    std::vector<model::Verdict> verdicts;     // about the problem, the solution or the critique
    std::vector<model::Annotation> annotations;
};

// What a view promises. Fields are named "problem", "solution", "reference", "critique",
// "correction" ….
struct ViewInfo {
    std::string_view name;
    std::string_view description;
    std::string_view extension; // of its files: "jsonl", "csv"
    std::vector<std::string_view> fieldsVisibleAtInference;
    std::vector<std::string_view> fieldsInTarget;
};

// Turns items into rows. Stateless: one instance may be used by several threads.
class View {
public:
    View() = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    virtual ~View() = default;

    [[nodiscard]] virtual const ViewInfo& info() const = 0;
    // What stands once at the top of each file (a CSV header with its line end); usually empty.
    [[nodiscard]] virtual std::string header() const { return {}; }
    // One row without its line end. Invalid when this item has no row in this view (e.g. a critique
    // whose conclusion could not be read has no training target); the writer counts it under that
    // reason.
    [[nodiscard]] virtual base::Expected<std::string> render(const ExportItem& item) const = 0;
    // Hashes of the prompt templates that the rows were rendered with, for the manifest.
    [[nodiscard]] virtual std::vector<std::string> promptHashes() const { return {}; }
};

// The view of that name; Invalid with the list of names for an unknown one. The object lives as
// long as the program.
[[nodiscard]] base::Expected<const View*> viewNamed(std::string_view name);
// All views in the order of the table.
[[nodiscard]] const std::vector<const View*>& views();

} // namespace scrit::format
