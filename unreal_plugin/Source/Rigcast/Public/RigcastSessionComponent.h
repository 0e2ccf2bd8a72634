#pragma once

#include "Components/ActorComponent.h"
#include "CoreMinimal.h"
#include "RigcastConnection.h"

#include "RigcastSessionComponent.generated.h"

class FRigcastLiveLinkSource;
class URigcastAudioComponent;

/** Where a connection stands; as rigcast::State. */
UENUM(BlueprintType)
enum class ERigcastState : uint8
{
	Stopped,
	Connecting,
	Joining,
	Live,
	Waiting,
	Refused,
};

/** Why an utterance ended; as rigcast::EndReason. */
UENUM(BlueprintType)
enum class ERigcastEndReason : uint8
{
	Unspecified,
	Finished,
	Interrupted,
	Failed,
};

DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FRigcastStateChanged, ERigcastState, State);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FRigcastError, const FString&, Message);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FRigcastUtteranceStarted, int32, Utterance, const FString&, Text);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(FRigcastUtteranceEnded, int32, Utterance, ERigcastEndReason, Reason, const FString&, Detail);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FRigcastPhone, const FString&, Symbol, float, Seconds);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FRigcastWord, const FString&, Text);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FRigcastMicrophoneChanged, bool, bOn);

/**
 * A session at run time: connects, adds the Live Link source, lets the character speak, and tells what happens when it is
 * heard. Game thread. A URigcastAudioComponent on the same actor plays the sound.
 */
UCLASS(ClassGroup = (Rigcast), meta = (BlueprintSpawnableComponent))
class RIGCAST_API URigcastSessionComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	URigcastSessionComponent();

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Rigcast")
	FRigcastAddress Address;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Rigcast")
	bool bConnectOnBeginPlay = true;

	/** Connects, and again whenever the connection breaks. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	void Connect();

	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	void Disconnect();

	/** Speaks a text, which may hold marks such as [happy]. False while not live.
	 *  @param Voice as `rigcast voices` names it, empty for the bridge's own. @param bInterrupt cuts off what is being said. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	bool Say(const FString& Text, const FString& Voice, bool bInterrupt);

	/** Stops speaking and drops what waits; the face eases to rest. False while not live. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	bool Interrupt();

	/** @param Intensity from 0 (none) to 1 (full). False while not live. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	bool SetEmotion(const FString& Emotion, float Intensity);

	/** @param Target in the actor's space, centimetres. False while not live. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	bool LookAt(FVector Target);

	/** Sets the gaze free again. False while not live. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	bool LookFreely();

	/** Speaks with the system's microphone until StopMicrophone, and cuts off what is being said. False while not live, or
	 *  where there is no microphone or the bridge hears none: then OnError tells.
	 *  @param bEcho your voice is heard from the character too. @param Strength how far the mouth goes, from 0 to 2. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	bool StartMicrophone(bool bEcho = true, float Strength = 1.0f);

	/** The same with sound that the game records itself, in pieces as it comes; the first one starts. False as above.
	 *  @param Samples within -1 to 1, channels interleaved. @param SampleRate from 8000 to 96000 a second. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	bool SendMicrophoneAudio(const TArray<float>& Samples, int32 SampleRate = 48000, int32 NumChannels = 1, bool bEcho = true, float Strength = 1.0f);

	/** Ends either; what was said is still heard to its end. */
	UFUNCTION(BlueprintCallable, Category = "Rigcast")
	void StopMicrophone();

	/** True while sound of ours is sent. */
	UFUNCTION(BlueprintPure, Category = "Rigcast")
	bool IsMicrophoneOn() const;

	UFUNCTION(BlueprintPure, Category = "Rigcast")
	ERigcastState GetState() const;

	/** The state in words, and unless it is live what went wrong. */
	UFUNCTION(BlueprintPure, Category = "Rigcast")
	FString GetStatus() const;

	/** What went wrong last since Connect, its cause and what to do; empty if nothing did. */
	UFUNCTION(BlueprintPure, Category = "Rigcast")
	FString GetLastError() const;

	UPROPERTY(BlueprintAssignable, Category = "Rigcast")
	FRigcastStateChanged OnStateChanged;

	/** A request was refused or the connection is in trouble: the cause, and what to do. */
	UPROPERTY(BlueprintAssignable, Category = "Rigcast")
	FRigcastError OnError;

	UPROPERTY(BlueprintAssignable, Category = "Rigcast")
	FRigcastUtteranceStarted OnUtteranceStarted;

	UPROPERTY(BlueprintAssignable, Category = "Rigcast")
	FRigcastUtteranceEnded OnUtteranceEnded;

	/** A speech sound begins to be heard. */
	UPROPERTY(BlueprintAssignable, Category = "Rigcast")
	FRigcastPhone OnPhone;

	/** A word begins to be heard. */
	UPROPERTY(BlueprintAssignable, Category = "Rigcast")
	FRigcastWord OnWord;

	/** Sound of ours is sent from now on, or no more: by StopMicrophone, or because it was cut off, refused or the connection
	 *  broke, of which OnError tells. */
	UPROPERTY(BlueprintAssignable, Category = "Rigcast")
	FRigcastMicrophoneChanged OnMicrophoneChanged;

	// UActorComponent
	virtual void BeginPlay() override;
	virtual void EndPlay(const EEndPlayReason::Type Reason) override;
	/** In the editor, where play never ends. */
	virtual void OnComponentDestroyed(bool bDestroyingHierarchy) override;

private:
	void HandleNotice(const rigcast::Notice& Notice);
	void HandleEvent(const rigcast::Event& Event);
	URigcastAudioComponent* Audio() const;

	TSharedPtr<FRigcastConnection> Connection;
	TSharedPtr<FRigcastLiveLinkSource> Source;
	FDelegateHandle NoticeHandle;
	FDelegateHandle EventHandle;
	/** The sound that is sent is this component's. */
	bool bSending = false;
};
