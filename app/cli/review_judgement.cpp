// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/review_output.h"

#include <algorithm>
#include <charconv>

// Judgements from options and from lines of JSON.
namespace scrit::cli {
namespace {

using base::ErrorCode;
using base::Expected;

std::optional<int> reviewNumber(std::string_view text) {
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

Expected<std::pair<int, review::StepLabel>> stepLabelOf(const std::string& text) {
    const std::size_t colon = text.find(':');
    const auto step = reviewNumber(std::string_view(text).substr(0, colon));
    const auto label = colon == std::string::npos
                           ? std::nullopt
                           : review::stepLabelFromName(text.substr(colon + 1));
    if (!step || !label) {
        return base::fail(ErrorCode::Invalid, "\"" + text + "\" is no label of a step",
                          "write it as 2:wrong, 0:correct or 1:unsure");
    }
    return std::pair(*step, *label);
}

tl::unexpected<base::Error> wrongType(const char* key, const char* type) {
    return base::fail(ErrorCode::Invalid,
                      "\"" + std::string(key) + "\" is not " + std::string(type));
}

// Reads one key of a judgement; the wrong type or word is an error.
class JudgementKeys {
public:
    explicit JudgementKeys(const Json& json) : m_json(json) {}

    Expected<std::optional<std::string>> text(const char* key) const {
        const Json* value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        return value->is_string() ? Expected<std::optional<std::string>>(value->get<std::string>())
                                  : wrongType(key, "a text");
    }
    template<typename T>
    Expected<std::optional<T>> word(const char* key,
                                    std::optional<T> (*fromName)(std::string_view)) const {
        const auto value = text(key);
        if (!value) {
            return base::fail(value.error());
        }
        if (!*value) {
            return std::nullopt;
        }
        const std::optional<T> known = fromName(**value);
        return known ? Expected<std::optional<T>>(known)
                     : base::fail(ErrorCode::Invalid,
                                  "\"" + std::string(key) + "\" cannot be \"" + **value + "\"");
    }
    [[nodiscard]] const Json* find(const char* key) const {
        const auto found = m_json.find(key);
        return found == m_json.end() || found->is_null() ? nullptr : &*found;
    }

private:
    const Json& m_json;
};

Expected<void> readSteps(const JudgementKeys& keys, review::Judgement& judgement) {
    const Json* steps = keys.find("steps");
    if (steps == nullptr) {
        return {};
    }
    if (!steps->is_object()) {
        return wrongType("steps", "an object such as {\"2\":\"wrong\"}");
    }
    for (const auto& [step, label] : steps->items()) {
        const auto read =
            stepLabelOf(step + ":" + (label.is_string() ? label.get<std::string>() : ""));
        if (!read) {
            return base::fail(read.error());
        }
        judgement.steps.insert(*read);
    }
    return {};
}

Expected<void> readRest(const JudgementKeys& keys, review::Judgement& judgement) {
    if (const Json* step = keys.find("first_error"); step != nullptr) {
        if (!step->is_number_integer()) {
            return wrongType("first_error", "a whole number");
        }
        judgement.firstError =
            static_cast<int>(std::clamp<std::int64_t>(step->get<std::int64_t>(), -2, 1'000'000));
    }
    if (const Json* tags = keys.find("tags"); tags != nullptr) {
        if (!tags->is_array()) {
            return wrongType("tags", "a list of texts");
        }
        for (const Json& tag : *tags) {
            if (!tag.is_string()) {
                return wrongType("tags", "a list of texts");
            }
            judgement.tags.push_back(tag.get<std::string>());
        }
    }
    if (const Json* seconds = keys.find("seconds"); seconds != nullptr) {
        if (!seconds->is_number()) {
            return wrongType("seconds", "a number");
        }
        judgement.seconds = seconds->get<double>();
    }
    return {};
}

std::optional<bool> usableFromName(std::string_view text) {
    return text == "usable"     ? std::optional(true)
           : text == "unusable" ? std::optional(false)
                                : std::nullopt;
}

// Options ask "is it valid?", stored judgements say what it is: both words are taken in both
// places.
std::optional<review::Validity> validityFromWord(std::string_view text) {
    return text == "yes"  ? std::optional(review::Validity::Valid)
           : text == "no" ? std::optional(review::Validity::Invalid)
                          : review::validityFromName(text);
}

} // namespace

void addJudgementOptions(CLI::App& command, Session& session, JudgementOptions& options) {
    command.add_flag("--agree", options.agree, "The self-validation is right");
    command.add_flag("--disagree", options.disagree, "The self-validation is wrong");
    command.add_flag("--unsure", options.unsure, "Neither can be said");
    addChoice(command, session, "--valid", options.valid,
              {"yes", "no", "unsure", "valid", "invalid"},
              "Whether the critique is right; needs no knowledge of the self-validation");
    command
        .add_option("--first-error", options.firstError,
                    "The solution's first wrong step, from 0; -1 or none: no step is wrong")
        ->type_name("N");
    command
        .add_option("--step", options.steps,
                    "A label of one step: 2:wrong, 0:correct, 1:unsure; may be repeated")
        ->type_name("N:LABEL")
        ->allow_extra_args(false);
    addChoice(command, session, "--correction", options.correction, {"usable", "unusable"},
              "Whether the critique's correction can be used");
    command
        .add_option("--repair-answer", options.repairedAnswer,
                    "The problem's reference answer is wrong, this one is right; what depends on "
                    "it is scored again")
        ->type_name("ANSWER");
    command.add_flag("--answer-wrong", options.answerWrong,
                     "The problem's reference answer is wrong; the right one is not known");
    command.add_option("--tag", options.tags, "A tag; may be repeated")
        ->type_name("TAG")
        ->allow_extra_args(false);
    command.add_option("--comment", options.comment, "A comment")->type_name("TEXT");
    command.add_option("--seconds", options.seconds, "Time spent on it")->type_name("S");
}

Expected<review::Judgement> judgementOf(const JudgementOptions& options, bool hidden) {
    review::Judgement judgement;
    if (int(options.agree) + int(options.disagree) + int(options.unsure) > 1) {
        return base::fail(ErrorCode::Invalid,
                          "--agree, --disagree and --unsure exclude each other");
    }
    if (options.unsure && hidden) {
        judgement.validity = review::Validity::Unsure;
    } else if (options.agree || options.disagree || options.unsure) {
        judgement.agreement = options.agree      ? review::Agreement::Agree
                              : options.disagree ? review::Agreement::Disagree
                                                 : review::Agreement::Unsure;
    }
    if (!options.valid.empty()) {
        judgement.validity = validityFromWord(options.valid);
    }
    if (!options.firstError.empty()) {
        judgement.firstError =
            options.firstError == "none" ? model::kNoError : reviewNumber(options.firstError);
        if (!judgement.firstError) {
            return base::fail(ErrorCode::Invalid, "--first-error needs a number or none");
        }
    }
    for (const std::string& text : options.steps) {
        const auto step = stepLabelOf(text);
        if (!step) {
            return base::fail(step.error());
        }
        judgement.steps[step->first] = step->second;
    }
    judgement.correctionUsable = usableFromName(options.correction);
    if (options.answerWrong && !options.repairedAnswer.empty()) {
        return base::fail(ErrorCode::Invalid,
                          "--answer-wrong and --repair-answer exclude each other");
    }
    if (options.answerWrong || !options.repairedAnswer.empty()) {
        judgement.repairedAnswer = options.repairedAnswer;
    }
    judgement.tags = options.tags;
    judgement.comment = options.comment;
    judgement.seconds = options.seconds;
    return judgement;
}

Expected<review::Judgement> judgementFrom(const Json& json) {
    const JudgementKeys keys(json);
    review::Judgement judgement;
    const auto agreement = keys.word("agreement", &review::agreementFromName);
    const auto validity = keys.word("validity", &validityFromWord);
    const auto usable = keys.word("correction", &usableFromName);
    const auto answer = keys.text("repaired_answer");
    const auto comment = keys.text("comment");
    for (const base::Error* error :
         {agreement ? nullptr : &agreement.error(), validity ? nullptr : &validity.error(),
          usable ? nullptr : &usable.error(), answer ? nullptr : &answer.error(),
          comment ? nullptr : &comment.error()}) {
        if (error != nullptr) {
            return base::fail(*error);
        }
    }
    judgement.agreement = *agreement;
    judgement.validity = *validity;
    judgement.correctionUsable = *usable;
    judgement.repairedAnswer = *answer;
    judgement.comment = comment->value_or("");
    for (auto* read : {&readSteps, &readRest}) {
        if (auto done = read(keys, judgement); !done) {
            return base::fail(std::move(done.error()));
        }
    }
    return judgement;
}

} // namespace scrit::cli
