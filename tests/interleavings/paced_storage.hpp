#pragma once

#include <memory>

#include "interleavings/conductor.hpp"
#include "interleavings/planted_bugs.hpp"

namespace onboard::interleavings {

// A storage whose clients take turns at it, with a mistake in it or none.
class PacedStorage : public Storage {
public:
    PacedStorage(Storage& beneath, Conductor&, Bug);

    std::unique_ptr<UnitOfWork> begin() override;
    std::unique_ptr<UnitOfWork const> begin_reading() override;
    std::unique_ptr<Group> begin_group() override;

    // To be called when a client has done its task.
    void end_task();

private:
    friend class PacedWork;
    friend class PacedReading;

    Storage& beneath_;
    Conductor& conductor_;
    UnitOfWork* open_ = nullptr;  // of whoever writes just now
    Mistakes mistakes_;
};

}
