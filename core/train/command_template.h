// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/child_process.h"
#include "core/base/error.h"
#include "core/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How another program trains: resources/trainers/NAME.toml, or a file of the user's. The file's
// keys are explained in resources/trainers/README.md. Pure functions unless they say otherwise.
namespace scrit::train {

struct TemplateFile {
    std::string path;   // relative to the job's folder
    std::string text;   // with placeholders
    std::string resume; // appended when there is a checkpoint to go on from
};

struct TemplateCommand {
    std::string stage; // "train", "merge"
    std::string program;
    std::vector<std::string> arguments;
    std::vector<std::string> resumeArguments; // appended when there is a checkpoint
};

// Texts hold placeholders, {{name}} or {{name|quoted}} for a JSON string in quotes; what they may
// be is listed at planCommand().
struct CommandTemplate {
    std::string name;
    std::string description;
    std::string exportView;
    Parameters parameters;                     // its defaults; the paper's where it has none
    std::map<std::string, std::string> values; // placeholders of its own with their defaults
    std::vector<TemplateCommand> commands;     // one after the other
    std::vector<TemplateFile> files;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string workingFolder;  // empty: the job's folder
    std::string checkpoints;    // of checkpoint folders in the output, "checkpoint-*": the one
                                // with the largest number is gone on from
    std::string checkpointMark; // a file in each that is written last; empty: any folder counts
    std::string stepPattern;    // ECMAScript, group 1 the step, group 2 (optional) the steps
    std::string lossPattern;    // group 1 the loss
    std::string epochPattern;   // group 1 the epoch
    std::vector<std::string> outputFiles; // names or "*.ending", relative; all must be there
    std::string resultKind;               // of the trained model
    std::string resultSettings;           // JSON with placeholders in its texts
};

// Errors (Invalid) name the line and the key: a syntax error, an unknown key or placeholder, a bad
// pattern.
[[nodiscard]] base::Expected<CommandTemplate> parseCommandTemplate(std::string_view toml);
// By name (resources/trainers/NAME.toml) or by path; NotFound lists the names there are. Reads
// files.
[[nodiscard]] base::Expected<CommandTemplate> loadCommandTemplate(const std::string& nameOrPath);
// Names of the shipped templates, sorted. Reads the folder.
[[nodiscard]] base::Expected<std::vector<std::string>> commandTemplateNames();

// A template filled in for one job: what another program (or a batch script) has to do.
struct CommandPlan {
    struct Step {
        std::string stage;
        backend::Command command; // with environment and working folder
    };
    std::vector<Step> steps; // one after the other, each only when the one before exits with 0
    std::vector<std::pair<std::filesystem::path, std::string>> files; // to be written before
    bool resumes = false;                                             // from a checkpoint
};
// Placeholders: model (weights of the base model: a folder or a hub id), data (the data set's
// folder), train_file (its file of the split "train"), output, job (the job's folder), name,
// epochs, batch, learning_rate, warm_up, max_length, lora_rank, seed, accumulation (batch /
// (values micro_batch · gpus)), checkpoint (only in resume parts), and the template's values, which
// Job::values may replace ("model" too, where the base model is no folder of weights). Looks for
// checkpoints in the output. Errors: Invalid (a value the template does not know, a base model
// without weights that can be trained, a batch that does not divide).
[[nodiscard]] base::Expected<CommandPlan> planCommand(const CommandTemplate& form, const Job& job);
// Writes the plan's files, each whole. Io, DiskFull.
[[nodiscard]] base::Expected<void> writePlanFiles(const CommandPlan& plan);

// That the output holds what the template says, each safetensors file whole. Server "ended without
// output: NAME is missing", Corrupt.
[[nodiscard]] base::Expected<void> checkOutput(const CommandTemplate& form, const Job& job);
// checkOutput(), and the model that it makes, its settings and files checked.
[[nodiscard]] base::Expected<Trained> trainedModel(const CommandTemplate& form, const Job& job);

// Reads a program's output as it comes: lines, steps, losses. Progress bars that are drawn over
// with \r are one line. Bounded: lines over 4 KiB are cut before patterns look at them, the tail
// has 200 lines. One thread.
class LogReader {
public:
    explicit LogReader(const CommandTemplate& form);
    ~LogReader();
    LogReader(const LogReader&) = delete;
    LogReader& operator=(const LogReader&) = delete;

    // Takes bytes in; what they say is added to `progress`. Invalid "the loss is not a number at
    // step N" when a loss is nan or infinite.
    [[nodiscard]] base::Expected<void> feed(std::string_view bytes, Progress& progress);
    // The unfinished last line, at the end of the output.
    [[nodiscard]] base::Expected<void> finish(Progress& progress);
    // The last lines that say best why a program failed; one line, safe for a terminal.
    [[nodiscard]] std::string lastWords() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace scrit::train
