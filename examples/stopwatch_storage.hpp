#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <onboard/storage.hpp>

// A storage that keeps everything in another one, and tells how long each commit took.
class StopwatchStorage : public onboard::Storage {
public:
    using Report = std::function<void(std::chrono::microseconds)>;

    // The report may come from any thread, from several at once.
    StopwatchStorage(std::unique_ptr<onboard::Storage> below, Report report);

    std::unique_ptr<onboard::UnitOfWork> begin() override;
    std::unique_ptr<onboard::UnitOfWork const> begin_reading() override;
    std::unique_ptr<onboard::Group> begin_group() override;
    int concurrent_writers() const override;

private:
    std::unique_ptr<onboard::Storage> below_;
    Report report_;
};
