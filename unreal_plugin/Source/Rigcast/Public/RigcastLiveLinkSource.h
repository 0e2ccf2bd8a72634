#pragma once

#include "ILiveLinkSource.h"
#include "RigcastConnection.h"
#include "rigcast/BodyMap.h"
#include "rigcast/FaceMap.h"

class ILiveLinkClient;

/**
 * A bridge's session as two Live Link subjects: NAME_Face (Basic role: curves) and NAME_Body (Animation role: bones).
 * Game thread; Live Link calls Update once a frame, which pushes the pose that belongs to the sound heard now.
 */
class RIGCAST_API FRigcastLiveLinkSource : public ILiveLinkSource
{
public:
	explicit FRigcastLiveLinkSource(const FRigcastAddress& Address);

	// ILiveLinkSource
	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual void Update() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	/** Names and bones, where this rig is another than the last one. */
	void PushStatic(const rigcast::Rig& Rig);
	void PushFace(const rigcast::Pose& Pose, double Seconds);
	void PushBody(const rigcast::Pose& Pose, double Seconds);
	FName FaceName() const;
	FName BodyName() const;

	TSharedPtr<FRigcastConnection> Connection;
	FRigcastAddress Wanted;
	ILiveLinkClient* Client = nullptr;
	FGuid SourceGuid;
	uint32 SeenGeneration = 0;
	rigcast::Rig PushedRig;
	rigcast::FaceMap Face;
	rigcast::BodyMap Body;
	std::vector<float> FaceValues;
	std::vector<rigcast::Bone> Bones;
};
