// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/calendar.h"

#include "core/base/ascii.h"
#include "core/base/text.h"
#include "core/math/spelling.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace scrit::math {

namespace {

using base::isAlpha;
using base::isDigit;

constexpr std::size_t kLongestMoment = 80; // bytes of a text that can be a moment

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

// The index of a name, written out or cut to three or four letters.
template<std::size_t N>
std::optional<int> indexOf(const std::array<std::string_view, N>& names, std::string_view word) {
    for (std::size_t i = 0; i < N; ++i) {
        const bool cut = (word.size() == 3 || word.size() == 4) && names[i].starts_with(word);
        if (word == names[i] || cut || (word == "thurs" && names[i] == "thursday")) {
            return static_cast<int>(i);
        }
    }
    return std::nullopt;
}

struct Piece {
    std::string text; // a number, a word in lower case, or one other character
    bool number = false;
    int value = 0;
};

// Numbers, words and marks; braces, dollars, \text and blanks are gone, "p.m." is "pm".
std::vector<Piece> pieces(std::string_view text) {
    std::vector<Piece> out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        if (isDigit(text[i])) {
            while (end < text.size() && isDigit(text[end])) {
                ++end;
            }
            Piece piece{std::string(text.substr(i, end - i)), true, -1};
            piece.value = end - i <= 4 ? std::stoi(piece.text) : -1;
            out.push_back(std::move(piece));
        } else if (isAlpha(text[i])) {
            while (end < text.size() && isAlpha(text[end])) {
                ++end;
            }
            std::string word = base::lowerAscii(text.substr(i, end - i));
            const bool half = (word == "a" || word == "p") && end + 1 < text.size() &&
                              text[end] == '.' && (text[end + 1] == 'm' || text[end + 1] == 'M');
            if (half) {
                word += 'm';
                end += end + 2 < text.size() && text[end + 2] == '.' ? 3 : 2;
            }
            out.push_back({std::move(word), false, 0});
        } else if (text[i] == '\\') {
            while (end < text.size() && isAlpha(text[end])) {
                ++end;
            }
            const std::string_view command = text.substr(i + 1, end - i - 1);
            if (command.empty()) { // "\," and "\ "
                end = std::min(end + 1, text.size());
            } else if (command != "text" && command != "mathrm" && command != "textbf" &&
                       command != "mbox") {
                out.push_back({"\\", false, 0});
            }
        } else if (static_cast<unsigned char>(text[i]) > 0x7F) {
            while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
                ++end;
            }
            out.push_back({std::string(text.substr(i, end - i)), false, 0});
        } else if (!base::isSpace(text[i]) && text[i] != '~' && text[i] != '{' && text[i] != '}' &&
                   text[i] != '^' && text[i] != '$') {
            out.push_back({std::string(1, text[i]), false, 0});
        }
        i = end;
    }
    return out;
}

// Reads the pieces one after the other; every piece must mean something.
class MomentReader {
public:
    explicit MomentReader(std::vector<Piece> pieces) : m_pieces(std::move(pieces)) {}

    std::optional<Moment> run() {
        while (m_pos < m_pieces.size()) {
            if (!(m_pieces[m_pos].number ? number() : word())) {
                return std::nullopt;
            }
        }
        if (m_bareNumber) { // a day needs its month, an hour its "PM"
            const bool day = m_moment.month && !m_moment.day;
            const bool hour = !day && m_moment.afternoon && !m_moment.hour;
            if (!day && !hour) {
                return std::nullopt;
            }
            (day ? m_moment.day : m_moment.hour) = m_bareNumber;
        }
        return valid() ? std::optional(m_moment) : std::nullopt;
    }

private:
    const Piece& at(std::size_t ahead) const {
        static const Piece kEnd;
        return m_pos + ahead < m_pieces.size() ? m_pieces[m_pos + ahead] : kEnd;
    }
    bool is(std::size_t ahead, std::string_view text) const { return at(ahead).text == text; }
    bool twoDigits(std::size_t ahead) const {
        return at(ahead).number && at(ahead).text.size() == 2;
    }

    static bool set(std::optional<int>& field, int value) {
        const bool first = !field.has_value();
        field = value;
        return first;
    }

    bool number() {
        const Piece& first = at(0);
        if (is(1, ":") && twoDigits(2) && first.text.size() <= 2) {
            m_moment.minute = at(2).value;
            const bool seconds = is(3, ":") && twoDigits(4);
            m_moment.second = seconds ? at(4).value : 0;
            const int hour = first.value;
            m_pos += seconds ? 5 : 3;
            return set(m_moment.hour, hour);
        }
        const bool dashes = is(1, "-") && is(3, "-") && at(2).number && at(4).number;
        if (dashes && first.text.size() == 4) {
            m_moment.certain = twoDigits(2) && twoDigits(4);
            return date(first.value, at(2).value, at(4).value, 5);
        }
        if (is(1, "/") && is(3, "/") && at(2).number && at(4).number) {
            m_moment.certain = true;
            if (first.text.size() == 4) {
                return date(first.value, at(2).value, at(4).value, 5);
            }
            if (at(4).text.size() != 4) {
                return false;
            }
            m_moment.swappable = first.value <= 12 && at(2).value <= 12;
            const bool dayFirst = first.value > 12;
            return date(at(4).value, dayFirst ? at(2).value : first.value,
                        dayFirst ? first.value : at(2).value, 5);
        }
        if (is(1, "年")) {
            const int year = first.value;
            m_pos += 2;
            return set(m_moment.year, year);
        }
        if (is(1, "月") || is(1, "日") || is(1, "号")) {
            const bool month = is(1, "月");
            const int value = first.value;
            m_moment.certain = true;
            m_pos += 2;
            return set(month ? m_moment.month : m_moment.day, value);
        }
        if (is(1, "st") || is(1, "nd") || is(1, "rd") || is(1, "th")) {
            const int day = first.value;
            m_pos += 2;
            return set(m_moment.day, day);
        }
        if (first.text.size() == 4) {
            const int year = first.value;
            ++m_pos;
            return set(m_moment.year, year);
        }
        if (first.value >= 0 && first.value <= 31 && !m_bareNumber) {
            m_bareNumber = first.value;
            ++m_pos;
            return true;
        }
        return false;
    }

    bool date(int year, int month, int day, std::size_t length) {
        const bool fresh = !m_moment.year && !m_moment.month && !m_moment.day;
        m_moment.year = year;
        m_moment.month = month;
        m_moment.day = day;
        m_pos += length;
        return fresh;
    }

    bool meridiem(bool afternoon, std::size_t length) {
        const bool fresh = !m_moment.afternoon;
        m_moment.afternoon = afternoon;
        m_moment.certain = true;
        m_pos += length;
        return fresh;
    }

    bool word() {
        const std::string& text = at(0).text;
        if (text == "am" || text == "pm") {
            return meridiem(text == "pm", 1);
        }
        if (text == "in" && is(1, "the") &&
            (is(2, "morning") || is(2, "afternoon") || is(2, "evening"))) {
            return meridiem(!is(2, "morning"), 3);
        }
        if (text == "noon" || text == "midnight") {
            const bool noon = text == "noon";
            const bool said = m_bareNumber == 12 || m_moment.hour == 12; // "12 noon"
            m_bareNumber = said ? std::nullopt : m_bareNumber;
            m_moment.hour = said ? std::nullopt : m_moment.hour;
            return set(m_moment.hour, 12) && meridiem(noon, 1);
        }
        if (text == "o" && is(1, "'") && is(2, "clock") && m_bareNumber) {
            m_pos += 3;
            m_moment.certain = true;
            return set(m_moment.hour, *std::exchange(m_bareNumber, std::nullopt));
        }
        if (const std::optional<int> month = indexOf(kMonths, text)) {
            ++m_pos;
            m_moment.certain = true;
            return set(m_moment.month, *month + 1);
        }
        if (const std::optional<int> day = indexOf(kDays, text)) {
            ++m_pos;
            m_moment.certain = true;
            return set(m_moment.weekday, *day);
        }
        const bool filler = text == "," || text == "." || text == "the" || text == "of" ||
                            text == "on" || text == "at";
        ++m_pos;
        return filler;
    }

    bool valid() const {
        const auto within = [](const std::optional<int>& field, int low, int high) {
            return !field || (*field >= low && *field <= high);
        };
        const bool any = m_moment.hour || m_moment.weekday ||
                         (m_moment.month && (m_moment.day || m_moment.year || m_moment.certain));
        const bool bare = m_moment.day && !m_moment.month;
        const bool hours = m_moment.afternoon ? m_moment.hour && within(m_moment.hour, 1, 12)
                                              : within(m_moment.hour, 0, 24);
        return any && !bare && hours && within(m_moment.month, 1, 12) &&
               within(m_moment.day, 1, 31) && m_moment.minute < 60 && m_moment.second < 60;
    }

    std::vector<Piece> m_pieces;
    std::size_t m_pos = 0;
    std::optional<int> m_bareNumber;
    Moment m_moment;
};

// Whether an hour between 1 and 12 is written without saying which half of the day it is in.
bool halfOpen(const Moment& moment) {
    return moment.hour && !moment.afternoon && *moment.hour >= 1 && *moment.hour <= 12;
}

int secondsOfDay(const Moment& moment) {
    int hour = moment.hour.value_or(0) % 24;
    if (moment.afternoon) {
        hour = hour % 12 + (*moment.afternoon ? 12 : 0);
    }
    return (hour * 60 + moment.minute) * 60 + moment.second;
}

Equality compareTimes(const Moment& a, const Moment& b) {
    if (!a.hour && !b.hour) {
        return Equality::Equal;
    }
    if (!a.hour || !b.hour) {
        return Equality::Undecided;
    }
    if (halfOpen(a) == halfOpen(b)) {
        return secondsOfDay(a) == secondsOfDay(b) ? Equality::Equal : Equality::Different;
    }
    constexpr int kHalf = 12 * 3600;
    return secondsOfDay(a) % kHalf == secondsOfDay(b) % kHalf ? Equality::Undecided
                                                              : Equality::Different;
}

Equality compareDates(const Moment& a, const Moment& b) {
    const auto clash = [](const std::optional<int>& x, const std::optional<int>& y) {
        return x && y && *x != *y;
    };
    if (clash(a.year, b.year) || clash(a.weekday, b.weekday)) {
        return Equality::Different;
    }
    if (clash(a.month, b.month) || clash(a.day, b.day)) {
        const bool swapped =
            (a.swappable || b.swappable) && a.month == b.day && a.day == b.month && a.month;
        return swapped ? Equality::Undecided : Equality::Different;
    }
    const bool complete =
        a.month.has_value() == b.month.has_value() && a.day.has_value() == b.day.has_value();
    return complete ? Equality::Equal : Equality::Undecided;
}

} // namespace

std::optional<Moment> readMoment(std::string_view text) {
    if (text.size() > kLongestMoment || text.size() < 3) {
        return std::nullopt;
    }
    // Most answers are formulas: two marks that no moment has tell them apart at once.
    if (text.find_first_of("=+*()[]_|<>!&%#") != std::string_view::npos) {
        return std::nullopt;
    }
    std::vector<Piece> all = pieces(withoutUnicodeMath(text));
    return all.size() < 2 && (all.empty() || all.front().number)
               ? std::nullopt
               : MomentReader(std::move(all)).run();
}

std::string momentText(const Moment& moment) {
    const auto field = [](const std::optional<int>& value, const char* format) {
        std::array<char, 16> text{};
        if (!value) {
            return std::string("?");
        }
        (void)std::snprintf(text.data(), text.size(), format, *value);
        return std::string(text.data());
    };
    std::string out;
    if (moment.weekday) {
        out = kDays[static_cast<std::size_t>(*moment.weekday)];
    }
    if (moment.month || moment.year) {
        out += (out.empty() ? "" : " ") + field(moment.year, "%04d") + "-" +
               field(moment.month, "%02d") + "-" + field(moment.day, "%02d");
    }
    if (moment.hour) {
        Moment half = moment;
        const bool open = halfOpen(moment);
        const int seconds = secondsOfDay(half);
        out += (out.empty() ? "" : " ") + field(seconds / 3600, "%02d") + ":" +
               field(seconds / 60 % 60, "%02d");
        out += seconds % 60 != 0 ? ":" + field(seconds % 60, "%02d") : "";
        out += open ? " or 12 hours later" : "";
    }
    return out;
}

Equality compareMoments(const Moment& a, const Moment& b) {
    const bool dateA = a.month || a.weekday;
    const bool dateB = b.month || b.weekday;
    const Equality date = compareDates(a, b);
    const Equality time = compareTimes(a, b);
    if (date == Equality::Different || time == Equality::Different) {
        return Equality::Different;
    }
    const bool shared = (a.month && b.month) || (a.weekday && b.weekday) || (a.hour && b.hour);
    const bool onlyOneDated = dateA != dateB;
    return shared && !onlyOneDated && date == Equality::Equal && time == Equality::Equal
               ? Equality::Equal
               : Equality::Undecided;
}

std::vector<Moment> readMoments(std::string_view text) {
    if (text.size() > 4 * kLongestMoment ||
        (text.find(" and ") == std::string_view::npos && text.find(';') == std::string_view::npos &&
         text.find(',') == std::string_view::npos) ||
        text.find_first_of("=+*()[]_|<>!&%#") != std::string_view::npos) {
        return {};
    }
    // Commas may belong to a date: they separate only where the other marks do not do it.
    for (const bool commas : {false, true}) {
        std::vector<Moment> out;
        for (std::size_t begin = 0; begin <= text.size();) {
            std::size_t end = std::min(text.find(';', begin), text.size());
            std::size_t next = end + 1;
            if (const std::size_t word = text.find(" and ", begin); word < end) {
                end = word;
                next = word + 5;
            }
            if (const std::size_t comma = text.find(',', begin); commas && comma < end) {
                end = comma;
                next = comma + 1;
            }
            const std::string_view part = base::trimmed(text.substr(begin, end - begin));
            const std::optional<Moment> moment = part.empty() ? std::nullopt : readMoment(part);
            const bool skip = part.empty() && commas; // ", and"
            if (!skip && !moment) {
                out.clear();
                break;
            }
            if (!skip) {
                out.push_back(*moment);
            }
            begin = next;
        }
        if (out.size() >= 2) {
            return out;
        }
    }
    return {};
}

Equality compareMoments(const std::vector<Moment>& a, const std::vector<Moment>& b) {
    if (a.size() != b.size()) {
        return Equality::Different;
    }
    std::vector<bool> used(b.size(), false);
    bool open = false;
    for (const Moment& moment : a) {
        bool found = false;
        bool undecided = false;
        for (std::size_t i = 0; i < b.size() && !found; ++i) {
            const Equality part = used[i] ? Equality::Different : compareMoments(moment, b[i]);
            found = part == Equality::Equal;
            used[i] = used[i] || found;
            undecided = undecided || part == Equality::Undecided;
        }
        if (!found && !undecided) {
            return Equality::Different;
        }
        open = open || !found;
    }
    return open ? Equality::Undecided : Equality::Equal;
}

} // namespace scrit::math
