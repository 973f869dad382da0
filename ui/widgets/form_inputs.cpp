// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/form_inputs.h"

#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QLineEdit>
#include <QListWidget>
#include <QRegularExpression>
#include <QRegularExpressionValidator>
#include <QSpinBox>

#include <algorithm>
#include <limits>

namespace scrit::ui::widgets {

namespace {

QString tr(const char* words) {
    return QCoreApplication::translate("FormInputs", words);
}

} // namespace

QComboBox* choiceBox(QWidget* parent) {
    auto* box = new QComboBox(parent);
    constexpr int kShortest = 12;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(kShortest);
    return box;
}

void choose(QComboBox& box, const QString& data) {
    const int at = box.findData(data);
    if (at >= 0) {
        box.setCurrentIndex(at);
    }
}

QSpinBox* numberBox(QWidget* parent, const QString& zero) {
    auto* box = new QSpinBox(parent);
    box->setSpecialValueText(zero);
    box->setGroupSeparatorShown(true);
    box->setAlignment(Qt::AlignRight);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setMaximum(std::numeric_limits<int>::max());
    return box;
}

QLineEdit* seedLine(QWidget* parent, const QString& whenEmpty) {
    auto* line = new QLineEdit(parent);
    line->setPlaceholderText(whenEmpty);
    line->setAlignment(Qt::AlignRight);
    line->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("\\d{0,19}")), line));
    return line;
}

QString seedProblem(const QLineEdit& line) {
    bool fits = true;
    line.text().toULongLong(&fits);
    return fits || line.text().isEmpty()
               ? QString()
               : tr("A number below 18,446,744,073,709,551,616 goes here");
}

std::optional<quint64> seedOf(const QLineEdit& line) {
    bool fits = false;
    const quint64 seed = line.text().toULongLong(&fits);
    return fits ? std::optional(seed) : std::nullopt;
}

QListWidget* tickList(QWidget* parent) {
    auto* list = new QListWidget(parent);
    constexpr int kNarrowest = 120;
    list->setMinimumWidth(kNarrowest);
    list->setTabKeyNavigation(false);
    list->setProperty("choices", true);
    return list;
}

void offerTick(QListWidget& list, const QString& name, const QString& words, bool ticked) {
    auto* item = new QListWidgetItem(words, &list);
    item->setData(Qt::UserRole, name);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
    item->setCheckState(ticked ? Qt::Checked : Qt::Unchecked);
    item->setToolTip(words.toHtmlEscaped());
}

QStringList tickedOf(const QListWidget& list) {
    QStringList names;
    for (int i = 0; i < list.count(); ++i) {
        if (list.item(i)->checkState() == Qt::Checked) {
            names << list.item(i)->data(Qt::UserRole).toString();
        }
    }
    return names;
}

void setTicked(QListWidget& list, const QStringList& names) {
    for (int i = 0; i < list.count(); ++i) {
        QListWidgetItem* item = list.item(i);
        item->setCheckState(names.contains(item->data(Qt::UserRole).toString()) ? Qt::Checked
                                                                                : Qt::Unchecked);
    }
}

void fitRows(QListWidget& list, int most) {
    const int rows = std::clamp(list.count(), 1, most);
    list.setFixedHeight(rows * std::max(space::kRow, list.fontMetrics().height() + 6) + 6);
}

QMap<QString, QString> namedValues(const QString& line) {
    QMap<QString, QString> values;
    for (const QString& part : line.split(QLatin1Char(';'), Qt::SkipEmptyParts)) {
        const auto equals = part.indexOf(QLatin1Char('='));
        const QString name = part.left(equals).trimmed();
        if (equals > 0 && !name.isEmpty()) {
            values.insert(name, part.mid(equals + 1).trimmed());
        }
    }
    return values;
}

QString namedValuesProblem(const QString& line) {
    for (const QString& part : line.split(QLatin1Char(';'), Qt::SkipEmptyParts)) {
        const auto equals = part.indexOf(QLatin1Char('='));
        if (!part.trimmed().isEmpty() && (equals <= 0 || part.left(equals).trimmed().isEmpty())) {
            return tr("\"%1\" is no NAME=VALUE").arg(part.trimmed());
        }
    }
    return {};
}

QString namedValuesLine(const QMap<QString, QString>& values) {
    QStringList parts;
    for (auto value = values.begin(); value != values.end(); ++value) {
        parts << value.key() + QLatin1Char('=') + value.value();
    }
    return parts.join(QStringLiteral("; "));
}

} // namespace scrit::ui::widgets
