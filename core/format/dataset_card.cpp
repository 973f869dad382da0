// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/dataset_card.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/critique/target.h"
#include "core/format/json_writer.h"

#include <array>

namespace scrit::format {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

void tally(Counts& counts, std::string_view name) {
    if (!name.empty()) {
        ++counts[std::string(name)];
    }
}

void writeCounts(JsonWriter& writer, std::string_view name, const Counts& counts) {
    writer.key(name).beginObject();
    for (const auto& [key, count] : counts) {
        writer.member(key, count);
    }
    writer.endObject();
}

template<typename Names>
void writeNames(JsonWriter& writer, std::string_view name, const Names& names) {
    writer.key(name).beginArray();
    for (const auto& entry : names) {
        writer.value(entry);
    }
    writer.endArray();
}

void writeFiles(JsonWriter& writer, const std::vector<DatasetFile>& files) {
    writer.key("files").beginArray();
    for (const DatasetFile& file : files) {
        writer.beginObject()
            .member("name", file.name)
            .member("split", file.split)
            .member("rows", file.rows)
            .member("bytes", file.bytes)
            .member("sha256", file.sha256)
            .endObject();
    }
    writer.endArray();
}

void writeModels(JsonWriter& writer, const std::vector<DatasetModel>& models) {
    writer.key("models").beginArray();
    for (const DatasetModel& model : models) {
        writer.beginObject()
            .member("name", model.name)
            .member("kind", model.kind)
            .member("model", model.model)
            .endObject();
    }
    writer.endArray();
}

std::string titleOf(const DatasetDescription& about) {
    return about.info.title.empty() ? about.summary.folder.filename().string() : about.info.title;
}

std::string folderName(const DatasetDescription& about) {
    return about.summary.folder.filename().string();
}

// The classes that the Hugging Face hub knows.
std::string_view sizeCategory(std::uint64_t rows) {
    struct Class {
        std::uint64_t below;
        std::string_view name;
    };
    constexpr std::array<Class, 5> kClasses{{{1'000, "n<1K"},
                                             {10'000, "1K<n<10K"},
                                             {100'000, "10K<n<100K"},
                                             {1'000'000, "100K<n<1M"},
                                             {10'000'000, "1M<n<10M"}}};
    for (const Class& size : kClasses) {
        if (rows < size.below) {
            return size.name;
        }
    }
    return "10M<n<100M";
}

std::string yamlString(std::string_view text) { // a JSON string is a YAML string
    std::string out;
    appendJsonString(out, text);
    return out;
}

std::string frontMatter(const DatasetDescription& about) {
    std::string text = "---\npretty_name: " + yamlString(titleOf(about)) +
                       "\ntask_categories:\n- text-generation\ntags:\n- critique\n- mathematics\n"
                       "- scalable-oversight\nsize_categories:\n- " +
                       std::string(sizeCategory(about.summary.rows)) +
                       "\nconfigs:\n- config_name: default\n  data_files:\n";
    for (const DatasetFile& file : about.summary.files) {
        text += "  - split: " + file.split + "\n    path: " + yamlString(file.name) + "\n";
    }
    return text + "---\n";
}

// Untrusted names in a Markdown table: one line, no cell ends, no markup.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : base::excerpt(text, 80)) {
        if (std::string_view("|\\`*_[]<>").find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string table(std::string_view heading, const Counts& counts) {
    if (counts.empty()) {
        return {};
    }
    std::string text = "\n| " + std::string(heading) + " | rows |\n|---|---:|\n";
    for (const auto& [name, count] : counts) {
        text += "| " + cell(name) + " | " + std::to_string(count) + " |\n";
    }
    return text;
}

std::string licencesTable(const DatasetContents& contents) {
    std::string text = "\n| source | licence of the problems | rows |\n|---|---|---:|\n";
    for (const auto& [source, licences] : contents.licences) {
        for (const auto& [licence, count] : licences) {
            text += "| " + cell(source) + " | " + (licence.empty() ? "not stated" : cell(licence)) +
                    " | " + std::to_string(count) + " |\n";
        }
    }
    return text;
}

// The view's words with the folder's name, which stands in code: what could end that is left out.
std::string loadingText(const DatasetDescription& about) {
    std::string name;
    for (const char c : folderName(about)) {
        const bool plain =
            static_cast<unsigned char>(c) > 0x20 && c != '`' && c != '"' && c != '\\' && c != '\'';
        name += plain ? c : '_';
    }
    std::string text = about.view.loading();
    constexpr std::string_view kName = "NAME";
    for (std::size_t at = text.find(kName); at != std::string::npos;
         at = text.find(kName, at + name.size())) {
        text.replace(at, kName.size(), name);
    }
    if (about.info.fileType == FileType::Parquet) {
        text += "\nThe files are Parquet; `load_dataset` reads them as well.\n";
    }
    return text;
}

std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) {
        text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text;
}

std::string stagesTable(const DatasetDescription& about) {
    std::string text = "\n## How it was made\n\n| stage | items |\n|---|---:|\n";
    for (const auto& [name, count] : about.info.stages) {
        text += "| " + cell(name) + " | " + std::to_string(count) + " |\n";
    }
    for (const auto& [reason, count] : about.summary.dropped) {
        text += "| left out by the view: " + cell(reason) + " | " + std::to_string(count) + " |\n";
    }
    text += "| written | " + std::to_string(about.summary.rows) + " |\n";
    const auto edited = about.contents.targets.find("edited");
    if (edited != about.contents.targets.end() && edited->second > 0) {
        text +=
            "\nThe prompt asks for one critique for each step and to stop at the first error: in " +
            std::to_string(edited->second) +
            " rows parts of one step were put under one heading, or what followed the first "
            "error was left out (`targets` in the manifest).\n";
    }
    return text;
}

} // namespace

void DatasetContents::count(const ExportItem& item, const View& view) {
    tally(sources, item.problem.source);
    tally(critics, item.critique.critic);
    tally(students, item.solution.author);
    tally(modes, model::name(item.critique.mode));
    const auto& conclusion = item.critique.parsed.conclusion;
    tally(conclusions, conclusion ? model::name(*conclusion) : std::string_view("not stated"));
    ++licences[item.problem.source][item.problem.licence];
    tally(promptHashes, item.critique.promptHash);
    if (view.rendersTarget()) {
        const critique::TargetEdits edits = critique::targetEdits(item.critique.parsed);
        targets["edited"] += edits.joined + edits.leftOut > 0 || edits.reordered ? 1 : 0;
        targets["parts_joined"] += edits.joined;
        targets["parts_after_error_left_out"] += edits.leftOut;
    }
}

std::string manifestJson(const DatasetDescription& about) {
    std::string text;
    JsonWriter writer(text);
    const DatasetInfo& info = about.info;
    writer.beginObject()
        .member("scrit_manifest", 1)
        .member("title", titleOf(about))
        .member("view", about.view.info().name);
    if (info.createdAt != 0) {
        writer.member("created_at", base::isoUtc(info.createdAt));
    }
    writer.member("software", "Scrit Studio " + info.softwareVersion)
        .member("filter", info.filter)
        .member("recipe", info.recipe)
        .member("seed", info.seed)
        .key("settings")
        .beginObject();
    for (const auto& [name, value] : info.settings) {
        writer.member(name, value);
    }
    writer.endObject().key("stages").beginArray();
    for (const auto& [name, count] : info.stages) {
        writer.beginObject().member("name", name).member("count", count).endObject();
    }
    writer.endArray().member("rows", about.summary.rows);
    writeCounts(writer, "dropped", about.summary.dropped);
    if (about.view.rendersTarget()) {
        writeCounts(writer, "targets", about.contents.targets);
    }
    writeNames(writer, "visible_at_inference", about.view.info().fieldsVisibleAtInference);
    writeNames(writer, "in_target", about.view.info().fieldsInTarget);
    writeNames(writer, "view_prompt_hashes", about.view.promptHashes());
    writeCounts(writer, "critic_prompt_hashes", about.contents.promptHashes);
    writeCounts(writer, "critics", about.contents.critics);
    writeCounts(writer, "students", about.contents.students);
    writeCounts(writer, "modes", about.contents.modes);
    writeCounts(writer, "conclusions", about.contents.conclusions);
    writeCounts(writer, "sources", about.contents.sources);
    writer.key("licences").beginObject();
    for (const auto& [source, licences] : about.contents.licences) {
        writeCounts(writer, source, licences);
    }
    writer.endObject();
    writeModels(writer, info.models);
    writeFiles(writer, about.summary.files);
    writer.endObject();
    return text + "\n";
}

std::string datasetCard(const DatasetDescription& about) {
    const DatasetInfo& info = about.info;
    std::string text = frontMatter(about);
    text += "\n# " + cell(titleOf(about)) +
            "\n\nCritiques of step-by-step solutions, exported by Scrit "
            "Studio " +
            info.softwareVersion + " as `" + std::string(about.view.info().name) + "` (" +
            std::string(about.view.info().description) + ").\n\n";
    text += "- Visible at inference: " + joined(about.view.info().fieldsVisibleAtInference) + "\n";
    text += "- In the target: " + joined(about.view.info().fieldsInTarget) + "\n";
    if (!info.filter.empty()) {
        text += "- Filter: " + cell(info.filter) + "\n";
    }
    if (!info.recipe.empty()) {
        text += "- Recipe: " + cell(info.recipe) + "\n";
    }
    text += "- Seed: " + std::to_string(info.seed) + "\n";
    for (const auto& [name, value] : info.settings) {
        text += "- " + cell(name) + ": " + cell(value) + "\n";
    }
    text += "\n| file | split | rows | SHA-256 |\n|---|---|---:|---|\n";
    for (const DatasetFile& file : about.summary.files) {
        text += "| " + file.name + " | " + file.split + " | " + std::to_string(file.rows) + " | " +
                file.sha256 + " |\n";
    }
    text += stagesTable(about) + "\n## What is in it\n";
    text += table("source", about.contents.sources) + table("critic", about.contents.critics) +
            table("student", about.contents.students) + table("mode", about.contents.modes) +
            table("conclusion", about.contents.conclusions);
    text += "\n## Loading it\n\n" + loadingText(about) + "\n## Licences\n" +
            licencesTable(about.contents) +
            "\nThe problems and solutions keep the licences of their sources; the critiques are "
            "what models wrote.\n\n`manifest.json` has the same facts for programs.\n";
    return text;
}

} // namespace scrit::format
