// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/trainer.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// Shared by the tests of trainers: files, and jobs with a data set of their own.
namespace scrit::test {

namespace fs = std::filesystem;

inline void put(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}
inline std::string textOf(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// A finished data set of these rows, as far as trainers look at one.
inline void putData(const fs::path& folder, const std::string& rows, int count) {
    put(folder / "train.jsonl", rows);
    put(folder / "manifest.json", R"({"files":[{"name":"train.jsonl","split":"train","rows":)" +
                                      std::to_string(count) + "}]}");
}

inline model::Model vllmModel() {
    model::Model model;
    model.name = "base";
    model.kind = "vllm";
    model.settings = R"({"model":"org/base-7b"})";
    return model;
}

// Takes together what a training tells.
struct Told {
    std::vector<std::string> stages;
    std::vector<train::LossPoint> losses;
    std::vector<std::string> lines;
    train::Progress last;
    [[nodiscard]] train::ProgressFunction function() {
        return [this](const train::Progress& now) {
            if (stages.empty() || stages.back() != now.stage) {
                stages.push_back(now.stage);
            }
            losses.insert(losses.end(), now.losses.begin(), now.losses.end());
            lines.insert(lines.end(), now.lines.begin(), now.lines.end());
            last = now;
        };
    }
};

} // namespace scrit::test
