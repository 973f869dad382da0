// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/lineage.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
    bool pairs = false;      // a row is made of two critiques of one solution, see View::renderPair
    bool forTraining = true; // false: a copy or a table, of which problems that must not be trained
                             // on may be a part
};

// One part of a row as a trainer reads it.
struct Turn {
    std::string role; // "system", "user", "assistant"; in views without roles the field's name
    std::string text;
    bool learned = false; // the loss is computed on it
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
    // Why this item has no row, without making one where that is dearer; nothing when it has one.
    [[nodiscard]] virtual std::optional<std::string> gap(const ExportItem& item) const;
    // A row of views of pairs, of two critiques of the same solution. Invalid for other
    // views, and where the two make no pair. In views of pairs render() gives a text of no meaning
    // when the critique may be in a pair, and Invalid when it may not.
    [[nodiscard]] virtual base::Expected<std::string> renderPair(const ExportItem& chosen,
                                                                 const ExportItem& rejected) const;
    // The row as a trainer reads it, for a preview; `rejected` in views of pairs. Invalid as
    // render().
    [[nodiscard]] virtual base::Expected<std::vector<Turn>>
    turns(const ExportItem& item, const ExportItem* rejected = nullptr) const = 0;
    // What is learned of this critique: what must not give the reference away. Empty where nothing
    // of the critique's text is. Cheap: render() makes the same text.
    [[nodiscard]] virtual std::string target(const ExportItem& item) const;
    // Whether a row has that text as critique::renderTarget() makes it.
    [[nodiscard]] virtual bool rendersTarget() const { return false; }
    // Columns of a Parquet file in DuckDB's notation, {name: 'TYPE', …}; empty: no Parquet.
    [[nodiscard]] virtual std::string_view columns() const { return {}; }
    // How to load the files, in Markdown, for the dataset card; "NAME" stands for the folder.
    [[nodiscard]] virtual std::string loading() const = 0;
    // Further files of the folder (name, text) that a trainer wants, from the data files' names and
    // splits.
    struct FileOfSplit {
        std::string name;
        std::string split;
    };
    [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>>
    companions(std::string_view datasetName, const std::vector<FileOfSplit>& files) const;
    // Hashes of the prompt templates that the rows were rendered with, for the manifest.
    [[nodiscard]] virtual std::vector<std::string> promptHashes() const { return {}; }
};

// The view of that name; Invalid with the list of names for an unknown one. The object lives as
// long as the program.
[[nodiscard]] base::Expected<const View*> viewNamed(std::string_view name);
// All views in the order of the table.
[[nodiscard]] const std::vector<const View*>& views();

} // namespace scrit::format
