// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"

#include <QFrame>
#include <QVector>
#include <QWidget>

class QLabel;

// Parts of the run view. UI thread.
namespace scrit::ui::widgets {

// The stages of a run below one another, in the order in which an item passes them: title, what is
// done, failed, skipped, running and planned as words, and the same as one bar. A preview shows
// planned calls.
class StagePipeline final : public QWidget {
    Q_OBJECT
public:
    explicit StagePipeline(QWidget* parent = nullptr);
    void setStages(const models::RunStages& stages);
    // A line each.
    [[nodiscard]] QString text() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int rowHeight() const;
    models::RunStages m_stages;
};

// "64 of 200 · 3 failed · 8 running". Pure.
[[nodiscard]] QString stageFigures(const models::RunStage& stage);

// A line of the last minutes' throughput with its highest value written beside it.
class Sparkline final : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(QWidget* parent = nullptr);
    void setSamples(const QVector<double>& samples);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<double> m_samples;
};

// A few labelled figures side by side; they wrap into more lines where there is no room.
class FigureRow final : public QWidget {
    Q_OBJECT
public:
    struct Figure {
        QString label;
        QString value;
        QString toolTip;
        friend bool operator==(const Figure&, const Figure&) = default;
    };
    explicit FigureRow(QWidget* parent = nullptr);
    void setFigures(const QVector<Figure>& figures);
    [[nodiscard]] QString text() const; // "label: value", a line each
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Placed {
        QRect box;
        const Figure* figure;
    };
    [[nodiscard]] QVector<Placed> placed(int width) const;
    [[nodiscard]] int lineHeight() const;
    QVector<Figure> m_figures;
};

// How full something is: a name, a bar and words.
class MeterBar final : public QWidget {
    Q_OBJECT
public:
    explicit MeterBar(QWidget* parent = nullptr);
    void setContent(const QString& name, double share, const QString& words,
                    const QString& toolTip);
    [[nodiscard]] QString text() const;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_name;
    QString m_words;
    double m_share = 0;
};

} // namespace scrit::ui::widgets
