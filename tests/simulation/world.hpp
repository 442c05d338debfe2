#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include <onboard/administration.hpp>
#include <onboard/courier.hpp>
#include <onboard/memory_storage.hpp>
#include <onboard/onboard.hpp>

#include "simulation/fibers.hpp"
#include "simulation/run.hpp"
#include "simulation/simulated_storage.hpp"

namespace onboard::simulation {

// A moment as one process sees it: behind the true one, by a little.
class ProcessClock : public Clock {
public:
    explicit ProcessClock(Instant const& truth) : truth_(truth) {}
    Instant now() const override { return truth_ - behind; }

    std::chrono::milliseconds behind{};

private:
    Instant const& truth_;
};

struct NoRandomness : std::runtime_error {
    using runtime_error::runtime_error;
};

class SimulatedRandom : public Random {
public:
    SimulatedRandom(Dice bytes, Surroundings& surroundings, Faults const& faults, Branches& branches)
        : bytes_(bytes), surroundings_(surroundings), faults_(faults), branches_(branches)
    {
    }

    void fill(std::span<std::byte>) override;

private:
    Dice bytes_;
    Surroundings& surroundings_;
    Faults const& faults_;
    Branches& branches_;
};

struct Process {
    Process(Storage&, Instant const& truth, Policy const&, SimulatedRandom);

    ProcessClock clock;
    SimulatedRandom random;
    Ports ports;
    Onboarding onboarding;
    Administration administration;
    int lives = 0;
};

// What people hold in their hands: what they were told, and what came by mail.
struct Hands {
    struct Link {
        std::string token;
        std::string email;
        int partner = -1;
        bool waits = false;
    };
    struct Mail {
        LetterKind kind{};
        std::string to;
        std::string secret;
    };
    struct PhoneCode {
        std::string token;
        std::string phone;
        int partner = -1;
    };
    struct Visit {
        std::string token;
        std::string phone;
        std::string subject;
    };
    struct PortalToken {
        std::string id;
        std::string subject;
        std::string phone;
        Instant refused_from{};
    };
    struct PartnerToken {
        std::string token;
        int partner = -1;
    };
    struct Password {
        std::string email;
        std::string password;
    };
    struct Request {
        std::string key;
        int partner = -1;
        LogIn login;
    };
    struct List {
        std::string key;
        int partner = -1;
        std::vector<NewPerson> people;
    };

    std::vector<Link> links;
    std::vector<std::string> sessions;
    std::vector<Mail> mail;
    std::vector<PhoneCode> auth_codes;
    std::vector<Visit> visits;
    std::vector<PortalToken> portal_tokens;
    std::vector<PartnerToken> partner_tokens;
    std::vector<Password> passwords;
    std::vector<Request> requests;
    std::vector<List> lists;
};

// One run of the simulation.
class World : public Surroundings {
public:
    World(RunOptions const&, Fibers&, Branches&);
    ~World() override;

    RunResult run();

    void pause() override;
    [[noreturn]] void crash() override;
    void note_doubt() override;
    int operation() const override;
    void note_posted(Letter const&, Instant due, int operation) override;
    void note(char const* what, char const* call) override;
    Dice& fault_dice() override;

private:
    friend class Carrier;

    struct Task {
        Operation* operation = nullptr;
        int process = 0;
        int life = 0;
        Dice faults{0};
    };

    // run.cpp: what goes on around the operations.
    void set_up();
    void choose_policy();
    void choose_faults();
    void schedule();
    void pass_time();
    void start_something(int task);
    void work(int task, Operation&);
    void work_in_group(int task, std::vector<Operation*> const&);
    Operation& begin_operation(Call, int process);
    void enter(int task, Operation&);
    bool skip(Operation&);
    void end_operation(Operation&);
    void restart(int process);
    void drain();
    Remains remains() const;
    void abandon();
    void trace(std::string const& line);
    Process& process_of(Operation const& operation)
    {
        return *processes_[static_cast<std::size_t>(operation.process)];
    }
    bool without(Fault fault) const { return (options_.without_faults >> static_cast<int>(fault) & 1) != 0; }

    // clients.cpp: the operations. What somebody asks for is settled first; asking may then have to be repeated.
    using Request = std::function<void()>;
    Call choose_call(Dice&) const;
    void choose_weights();
    void carry_out(Operation&);
    Request make_request(Operation&);
    void learn(Operation const&);
    Request log_in(Operation&);
    Request use_link(Operation&);
    Request use_session(Operation&);
    Request register_people(Operation&);
    Request look_at_password_link(Operation&);
    Request set_password(Operation&);
    Request sign_in(Operation&);
    Request forgot_password(Operation&);
    Request send_code(Operation&);
    Request enter_phone_code(Operation&);
    Request show_profile(Operation&);
    Request change_email(Operation&);
    Request follow_opt_in(Operation&);
    Request send_sign_up_code(Operation&);
    Request prove_contact(Operation&);
    Request sign_up(Operation&);
    Request sign_up_with_identity(Operation&);
    Request arrive(Operation&);
    Request finish_visit(Operation&);
    Request use_partner_token(Operation&);
    Request administer(Operation&);
    Request look_after_letters(Operation&);
    Request deliver(Operation&);
    NewPerson some_person(int partner);
    Recipient some_contact(Operation&);
    Recipient contact_with_mail(Operation&);
    EmailAddress some_email(Operation&);
    PhoneNumber some_phone(Operation&);
    PhoneNumber phone_with_mail(Operation&);
    std::string some_code(LetterKind, std::string const& to);
    std::optional<std::string> some_mail(std::initializer_list<LetterKind>);
    PartnerName partner_name(int partner) const;

    RunOptions options_;
    Fibers& fibers_;
    Branches& branches_;
    Dice schedule_dice_;
    Dice time_dice_;
    Dice client_dice_;
    Dice calm_{0};
    History history_;
    Checker checker_;
    Faults faults_;
    Instant truth_;
    Instant beginning_;
    int haste_ = 2;  // how rarely others get a turn
    int tempo_ = 1;  // how quickly time goes by
    int care_ = 3;   // how rarely people enter anything but the code they were sent
    int groups_ = 0;
    std::unique_ptr<Storage> memory_;
    std::unique_ptr<BuggyStorage> buggy_;
    std::unique_ptr<SimulatedStorage> storage_;
    std::unique_ptr<Storage> careless_;
    std::vector<std::unique_ptr<Process>> processes_;
    std::vector<Task> tasks_;
    std::vector<int> weights_;
    int running_ = -1;
    bool in_group_ = false;
    bool draining_ = false;
    bool abandoned_ = false;
    std::optional<Violation> violation_;
    Hands hands_;
    int last_password_ = 0;
    std::string trace_;
};

}
