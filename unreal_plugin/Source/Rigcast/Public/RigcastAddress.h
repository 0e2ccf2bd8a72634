#pragma once

#include "CoreMinimal.h"

#include "RigcastAddress.generated.h"

class USkeletalMesh;

/** Where a bridge is, and what of it is wanted. */
USTRUCT(BlueprintType)
struct RIGCAST_API FRigcastAddress
{
	GENERATED_BODY()

	/** The bridge's WebSocket, as `rigcast serve` prints it. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Rigcast")
	FString Url = TEXT("ws://127.0.0.1:7788/rigcast");

	/** The session to join; it is made if there is none of that name. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Rigcast")
	FString Session = TEXT("main");

	/** Where the bridge wants a token. Live Link presets keep it in plain text. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Rigcast")
	FString Token;

	/** Live Link subjects are named after this: NAME_Face and NAME_Body. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Rigcast")
	FString Subject = TEXT("Rigcast");

	/** The MetaHuman's body mesh: its rest pose is what the body's motion is carried over to. Without it NAME_Body is the
	 *  humanoid itself, for a retargeter. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Rigcast")
	TSoftObjectPtr<USkeletalMesh> BodyMesh;

	/** The form in which Live Link presets keep it. */
	FString ToConnectionString() const;
	static FRigcastAddress FromConnectionString(const FString& Text);
};
