#include "RigcastSessionComponent.h"

#include "Features/IModularFeatures.h"
#include "GameFramework/Actor.h"
#include "ILiveLinkClient.h"
#include "RigcastAudioComponent.h"
#include "RigcastConvert.h"
#include "RigcastLiveLinkSource.h"
#include "RigcastSettings.h"
#include "rigcast/Coordinates.h"

static_assert(static_cast<int>(ERigcastState::Refused) == static_cast<int>(rigcast::State::Refused));
static_assert(static_cast<int>(ERigcastEndReason::Failed) == static_cast<int>(rigcast::EndReason::Failed));

namespace
{
	/** Live Link, if it is there. */
	ILiveLinkClient* LiveLink()
	{
		IModularFeatures& Features = IModularFeatures::Get();
		const bool bThere = Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName);
		return bThere ? &Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName) : nullptr;
	}

	rigcast::AudioFormat FormatOf(bool bEcho, float Strength)
	{
		rigcast::AudioFormat Format;
		Format.interrupt = true;
		Format.noEcho = !bEcho;
		Format.strength = Strength;
		return Format;
	}
}

URigcastSessionComponent::URigcastSessionComponent()
{
	Address = GetDefault<URigcastSettings>()->Address;
}

void URigcastSessionComponent::BeginPlay()
{
	UActorComponent::BeginPlay();
	if (bConnectOnBeginPlay)
	{
		Connect();
	}
}

void URigcastSessionComponent::EndPlay(const EEndPlayReason::Type Reason)
{
	Disconnect();
	UActorComponent::EndPlay(Reason);
}

void URigcastSessionComponent::OnComponentDestroyed(bool bDestroyingHierarchy)
{
	Disconnect();
	UActorComponent::OnComponentDestroyed(bDestroyingHierarchy);
}

void URigcastSessionComponent::Connect()
{
	Disconnect();
	Connection = FRigcastConnection::Get(Address);
	NoticeHandle = Connection->OnNotice.AddUObject(this, &URigcastSessionComponent::HandleNotice);
	EventHandle = Connection->OnEvent.AddUObject(this, &URigcastSessionComponent::HandleEvent);
	if (ILiveLinkClient* Client = LiveLink())
	{
		Source = MakeShared<FRigcastLiveLinkSource>(Address);
		Client->AddSource(Source);
	}
	if (GetState() == ERigcastState::Live)
	{
		HandleNotice({rigcast::Notice::Kind::StateChanged, rigcast::State::Live, 0, 0, {}});
	}
}

void URigcastSessionComponent::Disconnect()
{
	if (!Connection)
	{
		return;
	}
	StopMicrophone();
	Connection->OnNotice.Remove(NoticeHandle);
	Connection->OnEvent.Remove(EventHandle);
	if (ILiveLinkClient* Client = LiveLink(); Client && Source)
	{
		Client->RemoveSource(Source);
	}
	if (URigcastAudioComponent* Playing = Audio())
	{
		Playing->Stop();
	}
	Source.Reset();
	Connection.Reset();
	OnStateChanged.Broadcast(ERigcastState::Stopped);
}

bool URigcastSessionComponent::Say(const FString& Text, const FString& Voice, bool bInterrupt)
{
	const std::string CoreText = ToCore(Text), CoreVoice = ToCore(Voice);
	rigcast::Line Line;
	Line.text = CoreText;
	Line.voice = CoreVoice;
	Line.interrupt = bInterrupt;
	return Connection && Connection->Session().say(Line) != 0;
}

bool URigcastSessionComponent::Interrupt()
{
	return Connection && Connection->Session().interrupt() != 0;
}

bool URigcastSessionComponent::SetEmotion(const FString& Emotion, float Intensity)
{
	return Connection && Connection->Session().setEmotion(ToCore(Emotion), Intensity) != 0;
}

bool URigcastSessionComponent::LookAt(FVector Target)
{
	const rigcast::Vec3 Place = rigcast::fromUnrealWorld(
		{static_cast<float>(Target.X), static_cast<float>(Target.Y), static_cast<float>(Target.Z)});
	return Connection && Connection->Session().lookAt(&Place) != 0;
}

bool URigcastSessionComponent::LookFreely()
{
	return Connection && Connection->Session().lookAt(nullptr) != 0;
}

bool URigcastSessionComponent::StartMicrophone(bool bEcho, float Strength)
{
	const bool bStarted = Connection && Connection->StartMicrophone(FormatOf(bEcho, Strength));
	bSending = bSending || bStarted;
	return bStarted;
}

bool URigcastSessionComponent::SendMicrophoneAudio(const TArray<float>& Samples, int32 SampleRate, int32 NumChannels, bool bEcho, float Strength)
{
	const int32 Channels = FMath::Max(NumChannels, 1);
	const bool bTaken = Connection && Connection->SendAudio(Samples.GetData(), Samples.Num() / Channels, Channels, SampleRate, FormatOf(bEcho, Strength));
	bSending = bSending || bTaken;
	return bTaken;
}

void URigcastSessionComponent::StopMicrophone()
{
	if (Connection && bSending)
	{
		Connection->StopAudio();
	}
	bSending = false;
}

bool URigcastSessionComponent::IsMicrophoneOn() const
{
	return Connection && Connection->Session().sending();
}

FString URigcastSessionComponent::GetStatus() const
{
	return Connection ? Connection->Status() : FString(TEXT("not connected"));
}

FString URigcastSessionComponent::GetLastError() const
{
	return Connection ? Connection->LastError() : FString();
}

URigcastAudioComponent* URigcastSessionComponent::Audio() const
{
	const AActor* Owner = GetOwner();
	return Owner ? Owner->FindComponentByClass<URigcastAudioComponent>() : nullptr;
}

ERigcastState URigcastSessionComponent::GetState() const
{
	return Connection ? static_cast<ERigcastState>(Connection->Session().state()) : ERigcastState::Stopped;
}

void URigcastSessionComponent::HandleNotice(const rigcast::Notice& Notice)
{
	if (Notice.kind == rigcast::Notice::Kind::Trouble)
	{
		OnError.Broadcast(ToUnreal(Notice.message));
	}
	if (Notice.kind == rigcast::Notice::Kind::SendingChanged)
	{
		bSending = bSending && IsMicrophoneOn();
		OnMicrophoneChanged.Broadcast(IsMicrophoneOn());
	}
	if (Notice.kind != rigcast::Notice::Kind::StateChanged)
	{
		return;
	}
	URigcastAudioComponent* Playing = Audio();
	if (Playing && Notice.state == rigcast::State::Live)
	{
		Playing->Follow(Connection->Player());
	}
	OnStateChanged.Broadcast(static_cast<ERigcastState>(Notice.state));
}

void URigcastSessionComponent::HandleEvent(const rigcast::Event& Event)
{
	const FString Text = ToUnreal(Event.text);
	const int32 Utterance = static_cast<int32>(Event.utterance);
	switch (Event.kind)
	{
	case rigcast::EventKind::UtteranceStarted:
		return OnUtteranceStarted.Broadcast(Utterance, Text);
	case rigcast::EventKind::UtteranceEnded:
		return OnUtteranceEnded.Broadcast(Utterance, static_cast<ERigcastEndReason>(Event.reason), Text);
	case rigcast::EventKind::Phone:
		return OnPhone.Broadcast(Text, static_cast<float>(Event.durationUs) / 1e6f);
	case rigcast::EventKind::Word:
		return OnWord.Broadcast(Text);
	default:
		return;
	}
}
